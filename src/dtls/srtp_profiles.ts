import type { SrtpProfile } from "../crypto/mod.ts";

/** IANA numbers. */
export const SRTP_PROFILE_IDS: { readonly [name in SrtpProfile]: number } = {
  SRTP_AES128_CM_HMAC_SHA1_80: 0x0001,
  SRTP_AES128_CM_HMAC_SHA1_32: 0x0002,
  SRTP_AEAD_AES_128_GCM: 0x0007,
  SRTP_AEAD_AES_256_GCM: 0x0008,
};

/** The first of `ours` that is among the numbers the peer lists. */
export function chooseSrtpProfile(
  ours: readonly SrtpProfile[],
  offered: readonly number[],
): SrtpProfile | undefined {
  return ours.find((profile) => offered.includes(SRTP_PROFILE_IDS[profile]));
}
