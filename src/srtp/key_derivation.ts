import { readU32 } from "../base/mod.ts";
import { AesKey, type SrtpProfile } from "../crypto/mod.ts";
import type { SrtpSessionKeys } from "./cipher.ts";
import { SrtpError } from "./errors.ts";
import { srtpProfileParameters } from "./profile.ts";

/** RFC 3711 §4.3.2: the label of SRTP's encryption key. */
export const LABEL_RTP_ENCRYPTION = 0x00;
/** RFC 3711 §4.3.2: the label of SRTP's authentication key. */
export const LABEL_RTP_AUTHENTICATION = 0x01;
/** RFC 3711 §4.3.2: the label of SRTP's salt. */
export const LABEL_RTP_SALT = 0x02;
/** RFC 3711 §4.3.2: the label of SRTCP's encryption key. */
export const LABEL_RTCP_ENCRYPTION = 0x03;
/** RFC 3711 §4.3.2: the label of SRTCP's authentication key. */
export const LABEL_RTCP_AUTHENTICATION = 0x04;
/** RFC 3711 §4.3.2: the label of SRTCP's salt. */
export const LABEL_RTCP_SALT = 0x05;

/** The master key of one direction (RFC 3711 §3.2.1). */
export interface SrtpMasterKeys {
  /** 16 bytes, or 32 for `SRTP_AEAD_AES_256_GCM`. */
  readonly masterKey: Uint8Array;
  /** 14 bytes for counter mode, 12 for GCM. */
  readonly masterSalt: Uint8Array;
}

/** What one direction works with (RFC 3711 §4.3). */
export interface SrtpDirectionKeys {
  /** For RTP. */
  readonly rtp: SrtpSessionKeys;
  /** For RTCP. */
  readonly rtcp: SrtpSessionKeys;
}

/**
 * The pseudorandom function of RFC 3711 §4.3.3, AES in counter mode, with a key derivation rate of
 * zero, which is what DTLS-SRTP negotiates: every key is derived once. Keys of 32 bytes make it the
 * AES_256_CM_PRF of RFC 6188 §3. A salt of 12 bytes is taken as 14 with two zeros at its end
 * (RFC 7714 §11).
 *
 * @param length bytes wanted
 * @throws {CryptoError} `invalid-key` when `masterKey` is not of 16 or 32 bytes
 *
 * @example
 * ```ts
 * import { deriveSrtpKey, LABEL_RTP_SALT } from "@sterna/webrtc/srtp";
 *
 * const salt = deriveSrtpKey(new Uint8Array(16), new Uint8Array(14), LABEL_RTP_SALT, 14);
 * console.log(salt.length); // 14
 * ```
 */
export function deriveSrtpKey(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  label: number,
  length: number,
): Uint8Array {
  // §4.3.1: key_id = label ‖ 48 zero bits, XORed into the end of the 112 bits of the salt.
  const x = new Uint8Array(16);
  x.set(masterSalt.subarray(0, 14));
  x[7]! ^= label;
  const out = new Uint8Array(length);
  const key = new AesKey(masterKey);
  key.xorKeystream(
    out,
    0,
    length,
    readU32(x, 0),
    readU32(x, 4),
    readU32(x, 8),
    readU32(x, 12),
  );
  key.dispose();
  return out;
}

/**
 * The session keys of one direction.
 *
 * @throws {SrtpError} `invalid-key` when the lengths are not those of the profile
 */
export function deriveSessionKeys(
  profile: SrtpProfile,
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
): SrtpDirectionKeys {
  const { keyBytes, saltBytes, authKeyBytes } = srtpProfileParameters(profile);
  if (masterKey.length !== keyBytes || masterSalt.length !== saltBytes) {
    throw new SrtpError(
      "invalid-key",
      `${profile} takes a master key of ${keyBytes} bytes and a salt of ${saltBytes}`,
    );
  }
  const derive = (label: number, length: number): Uint8Array =>
    deriveSrtpKey(masterKey, masterSalt, label, length);
  return {
    rtp: {
      key: derive(LABEL_RTP_ENCRYPTION, keyBytes),
      salt: derive(LABEL_RTP_SALT, saltBytes),
      authKey: derive(LABEL_RTP_AUTHENTICATION, authKeyBytes),
    },
    rtcp: {
      key: derive(LABEL_RTCP_ENCRYPTION, keyBytes),
      salt: derive(LABEL_RTCP_SALT, saltBytes),
      authKey: derive(LABEL_RTCP_AUTHENTICATION, authKeyBytes),
    },
  };
}

/** Zeroes session keys that a cipher has copied. */
export function wipeDirectionKeys(keys: SrtpDirectionKeys): void {
  for (const { key, salt, authKey } of [keys.rtp, keys.rtcp]) {
    key.fill(0);
    salt.fill(0);
    authKey.fill(0);
  }
}
