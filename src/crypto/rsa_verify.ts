/**
 * RSA signature verification (RFC 8017 §8). Only public values are involved, so BigInt's varying time
 * tells nobody anything; nothing here is on the packet path.
 */
import { concatBytes, constantTimeEqual, hexDecode, hexEncode, writeU32 } from "../base/mod.ts";
import type { HashAlgorithm } from "./provider.ts";
import type { RsaPublicKey } from "./public_key.ts";
import { tsHash } from "./ts_hash.ts";

/** RFC 8017 §9.2, notes: DigestInfo up to the digest. */
const DIGEST_INFO: Partial<Record<HashAlgorithm, Uint8Array>> = {
  "sha-256": hexDecode("3031300d060960864801650304020105000420")!,
  "sha-384": hexDecode("3041300d060960864801650304020205000430")!,
  "sha-512": hexDecode("3051300d060960864801650304020305000440")!,
};

/** RFC 8017 §8.2.2, RSASSA-PKCS1-v1_5; the encoded message is built anew and compared whole. */
export function verifyPkcs1(
  key: RsaPublicKey,
  hash: HashAlgorithm,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const encoded = recoverEncodedMessage(key, signature);
  const prefix = DIGEST_INFO[hash];
  if (encoded === undefined || prefix === undefined) return false;
  const info = concatBytes(prefix, tsHash(hash, data));
  const expected = new Uint8Array(encoded.length).fill(0xff);
  expected.set([0, 1]);
  expected[encoded.length - info.length - 1] = 0;
  expected.set(info, encoded.length - info.length);
  return constantTimeEqual(encoded, expected);
}

/**
 * RFC 8017 §8.1.2 and §9.1.2, RSASSA-PSS with MGF1 of the same hash and a salt as long as the digest
 * (RFC 8446 §4.2.3).
 */
export function verifyPss(
  key: RsaPublicKey,
  hash: HashAlgorithm,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const whole = recoverEncodedMessage(key, signature);
  if (whole === undefined) return false;
  const digest = tsHash(hash, data);
  // emBits = modBits − 1: a modulus of 8k + 1 bits leaves its first byte out of the encoding.
  const topBits = (32 - Math.clz32(key.modulus[0]!) + 7) % 8;
  if (topBits === 0 && whole[0] !== 0) return false;
  const encoded = topBits === 0 ? whole.subarray(1) : whole;
  const dbLength = encoded.length - digest.length - 1;
  const saltAt = dbLength - digest.length;
  if (saltAt < 1 || encoded.at(-1) !== 0xbc) return false;
  const h = encoded.subarray(dbLength, -1);
  const unusedMask = topBits === 0 ? 0 : (0xff << topBits) & 0xff;
  if ((encoded[0]! & unusedMask) !== 0) return false;
  const db = mgf1(hash, h, dbLength);
  for (let i = 0; i < dbLength; i++) db[i]! ^= encoded[i]!;
  db[0]! &= ~unusedMask;
  for (let i = 0; i < saltAt - 1; i++) if (db[i] !== 0) return false;
  if (db[saltAt - 1] !== 1) return false;
  const expected = tsHash(hash, concatBytes(new Uint8Array(8), digest, db.subarray(saltAt)));
  return constantTimeEqual(h, expected);
}

/** RFC 8017 appendix B.2.1. */
function mgf1(hash: HashAlgorithm, seed: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  const index = new Uint8Array(4);
  for (let i = 0, done = 0; done < length; i++) {
    writeU32(index, 0, i);
    const block = tsHash(hash, concatBytes(seed, index));
    blocks.push(block);
    done += block.length;
  }
  return concatBytes(...blocks).subarray(0, length);
}

/** RFC 8017 §5.2.2, RSAVP1: the signature raised to the exponent, as long as the modulus. */
function recoverEncodedMessage(key: RsaPublicKey, signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== key.modulus.length) return undefined;
  const n = toBigInt(key.modulus), s = toBigInt(signature);
  if (s >= n) return undefined;
  const hex = modPow(s, toBigInt(key.exponent), n).toString(16);
  return hexDecode(hex.padStart(2 * key.modulus.length, "0"));
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt("0x" + hexEncode(bytes));
}

function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}
