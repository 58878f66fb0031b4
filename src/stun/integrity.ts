import { constantTimeEqual, readU16, readU32, writeU16 } from "../base/mod.ts";
import type { HmacKey } from "../crypto/mod.ts";
import { crc32 } from "./crc32.ts";
import { STUN_HEADER_BYTES } from "./header.ts";

/** RFC 8489 §14.5: length of MESSAGE-INTEGRITY's value, bytes. */
export const INTEGRITY_BYTES = 20;
/** RFC 8489 §14.6: full length of MESSAGE-INTEGRITY-SHA256's value, bytes. */
export const INTEGRITY_SHA256_BYTES = 32;
/** RFC 8489 §14.6: shortest truncation of MESSAGE-INTEGRITY-SHA256, bytes. */
export const MIN_INTEGRITY_SHA256_BYTES = 16;
/** RFC 8489 §14.7: what the CRC is XORed with ("STUN"), to differ from a CRC of the application. */
const FINGERPRINT_XOR = 0x5354554e;
/** Length of an attribute's type and length, bytes. */
const ATTRIBUTE_HEADER_BYTES = 4;

/** The header as the MAC sees it. One suffices: every use is over before the next begins. */
const header = new Uint8Array(STUN_HEADER_BYTES);

/**
 * The MAC for an integrity attribute whose type stands at `at` (RFC 8489 §14.5, §14.6): over the
 * message before it, with a header whose length ends behind the attribute. The message itself stays
 * as it is, since received bytes are only lent.
 */
export function integrityMac(
  key: HmacKey,
  bytes: Uint8Array,
  start: number,
  at: number,
  macLength: number,
): Uint8Array {
  header.set(bytes.subarray(start, start + STUN_HEADER_BYTES));
  const bodyAt = start + STUN_HEADER_BYTES;
  writeU16(header, 2, at - bodyAt + ATTRIBUTE_HEADER_BYTES + macLength);
  return key.sign(header, bytes.subarray(bodyAt, at));
}

/** Checks the integrity attribute whose type stands at `at` of a message. Constant time. */
export function verifyMac(key: HmacKey, bytes: Uint8Array, at: number): boolean {
  const length = readU16(bytes, at + 2);
  const valueAt = at + ATTRIBUTE_HEADER_BYTES;
  const mac = integrityMac(key, bytes, 0, at, length);
  return constantTimeEqual(mac.subarray(0, length), bytes.subarray(valueAt, valueAt + length));
}

/** The value of a FINGERPRINT over `bytes` from `start` to before `at`, where its type stands. */
export function fingerprintOf(bytes: Uint8Array, start: number, at: number): number {
  return (crc32(bytes, start, at) ^ FINGERPRINT_XOR) >>> 0;
}

/** Checks the FINGERPRINT whose type stands at `at`, the last attribute of a message. */
export function verifyFingerprint(bytes: Uint8Array, at: number): boolean {
  return readU32(bytes, at + ATTRIBUTE_HEADER_BYTES) === fingerprintOf(bytes, 0, at);
}
