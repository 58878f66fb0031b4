import type { SrtpProfile } from "../crypto/mod.ts";

/** Lengths that a protection profile fixes, bytes. */
export interface SrtpProfileParameters {
  /** Master key and session key. */
  readonly keyBytes: number;
  /** Master salt and session salt. */
  readonly saltBytes: number;
  /** Session key of the message authentication; 0 for an AEAD. */
  readonly authKeyBytes: number;
  /** Tag of an SRTP packet. */
  readonly rtpTagBytes: number;
  /** Tag of an SRTCP packet. */
  readonly rtcpTagBytes: number;
  /** Whether the cipher authenticates by itself (RFC 7714), its tag before the SRTCP index. */
  readonly aead: boolean;
}

const COUNTER_MODE = { keyBytes: 16, saltBytes: 14, authKeyBytes: 20, aead: false } as const;
const GCM = { saltBytes: 12, authKeyBytes: 0, rtpTagBytes: 16, rtcpTagBytes: 16, aead: true };

/**
 * RFC 5764 §4.1.2 and RFC 7714 §12. The short tag of `_32` is for SRTP alone: RFC 3711 §5.2 gives
 * SRTCP 80 bits whatever the profile says.
 */
const PARAMETERS: Readonly<Record<SrtpProfile, SrtpProfileParameters>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: { ...COUNTER_MODE, rtpTagBytes: 10, rtcpTagBytes: 10 },
  SRTP_AES128_CM_HMAC_SHA1_32: { ...COUNTER_MODE, rtpTagBytes: 4, rtcpTagBytes: 10 },
  SRTP_AEAD_AES_128_GCM: { ...GCM, keyBytes: 16 },
  SRTP_AEAD_AES_256_GCM: { ...GCM, keyBytes: 32 },
};

/** The lengths of `profile`. */
export function srtpProfileParameters(profile: SrtpProfile): SrtpProfileParameters {
  return PARAMETERS[profile];
}
