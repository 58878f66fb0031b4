/**
 * SRTP a second time, slowly and by node:crypto, straight from the sections of the RFCs: what ours is
 * compared with where no vector was published.
 *
 * @module
 */
import { createCipheriv, createHmac } from "node:crypto";
import { concatBytes, readU16, readU32, writeU16, writeU32 } from "../../src/base/mod.ts";
import type { SrtpProfile, SrtpSessionKeys } from "../../src/srtp/mod.ts";

const TAG_BYTES: Readonly<Record<SrtpProfile, number>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: 10,
  SRTP_AES128_CM_HMAC_SHA1_32: 4,
  SRTP_AEAD_AES_128_GCM: 16,
  SRTP_AEAD_AES_256_GCM: 16,
};

function isGcm(profile: SrtpProfile): boolean {
  return profile.includes("GCM");
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value >>> 0);
  return bytes;
}

/** RFC 3711 §4.1.1 and RFC 7714 §8.1: salt XOR (SSRC at 4 or 2, index behind it). */
function initialVector(
  salt: Uint8Array,
  gcm: boolean,
  ssrc: number,
  index: Uint8Array,
): Uint8Array {
  const iv = new Uint8Array(gcm ? 12 : 16);
  writeU32(iv, gcm ? 2 : 4, ssrc);
  iv.set(index, gcm ? 6 : 8);
  salt.forEach((byte, i) => iv[i]! ^= byte);
  return iv;
}

function counterMode(key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array {
  const cipher = createCipheriv(key.length === 32 ? "aes-256-ctr" : "aes-128-ctr", key, iv);
  const sealed = cipher.update(text);
  cipher.final();
  return sealed;
}

/** Ciphertext and tag. */
function seal(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, text: Uint8Array): Uint8Array {
  const cipher = createCipheriv(key.length === 32 ? "aes-256-gcm" : "aes-128-gcm", key, iv);
  cipher.setAAD(aad);
  const sealed = cipher.update(text);
  cipher.final();
  return concatBytes(sealed, cipher.getAuthTag());
}

function sign(key: Uint8Array, length: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return createHmac("sha1", key).update(concatBytes(...parts)).digest().subarray(0, length);
}

/** RFC 3711 §3.3, RFC 7714 §8. */
export function protectSlowly(
  profile: SrtpProfile,
  { key, salt, authKey }: SrtpSessionKeys,
  packet: Uint8Array,
  roc: number,
): Uint8Array {
  const first = packet[0]!;
  let headerLength = 12 + 4 * (first & 15);
  if ((first & 0x10) !== 0) headerLength += 4 + 4 * readU16(packet, headerLength + 2);
  const header = packet.subarray(0, headerLength), text = packet.subarray(headerLength);
  const index = new Uint8Array(6);
  writeU32(index, 0, roc);
  writeU16(index, 4, readU16(packet, 2));
  const iv = initialVector(salt, isGcm(profile), readU32(packet, 8), index);
  if (isGcm(profile)) return concatBytes(header, seal(key, iv, header, text));
  const sealed = concatBytes(header, counterMode(key, iv, text));
  return concatBytes(sealed, sign(authKey, TAG_BYTES[profile], sealed, word(roc)));
}

/** RFC 3711 §3.4, RFC 7714 §9; of packets that are not `encrypted`, all is in the clear. */
export function protectControlSlowly(
  profile: SrtpProfile,
  { key, salt, authKey }: SrtpSessionKeys,
  packet: Uint8Array,
  index: number,
  encrypted: boolean,
): Uint8Array {
  const header = packet.subarray(0, 8), text = packet.subarray(8);
  const trailer = word(encrypted ? index | 0x8000_0000 : index);
  const iv = initialVector(
    salt,
    isGcm(profile),
    readU32(packet, 4),
    concatBytes(new Uint8Array(2), word(index)),
  );
  if (isGcm(profile)) {
    const sealed = encrypted
      ? concatBytes(header, seal(key, iv, concatBytes(header, trailer), text))
      : concatBytes(packet, seal(key, iv, concatBytes(packet, trailer), new Uint8Array(0)));
    return concatBytes(sealed, trailer);
  }
  const sealed = concatBytes(header, encrypted ? counterMode(key, iv, text) : text, trailer);
  // RFC 3711 §5.2: 80 bits for SRTCP, whatever the profile says of SRTP.
  return concatBytes(sealed, sign(authKey, 10, sealed));
}
