/** Certificate fingerprints as SDP carries them (RFC 8122 §5). */
import { hexDecode, hexEncode } from "../base/mod.ts";
import type { CryptoProvider } from "./provider.ts";
import { tsHash } from "./ts_hash.ts";

/** Hash functions of RFC 8122 §5 that still have a meaning; MD2 and MD5 must not be used. */
export type FingerprintAlgorithm = "sha-1" | "sha-224" | "sha-256" | "sha-384" | "sha-512";

/** Digest length of each algorithm, bytes. */
const DIGEST_BYTES: Readonly<Record<FingerprintAlgorithm, number>> = {
  "sha-1": 20,
  "sha-224": 28,
  "sha-256": 32,
  "sha-384": 48,
  "sha-512": 64,
};

/** The algorithm with this name in any case (RFC 8122 §5 compares names without case), or `undefined`. */
export function fingerprintAlgorithm(name: string): FingerprintAlgorithm | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(DIGEST_BYTES, lower) ? lower as FingerprintAlgorithm : undefined;
}

/**
 * The digest of a DER certificate.
 *
 * @param crypto whose hash to use; pure TypeScript by default
 */
export function fingerprintBytes(
  algorithm: FingerprintAlgorithm,
  der: Uint8Array,
  crypto?: CryptoProvider,
): Uint8Array {
  return crypto === undefined ? tsHash(algorithm, der) : crypto.hash(algorithm, der);
}

/** Upper-case hexadecimal with colons: `4A:AD:…` (RFC 8122 §5). */
export function formatFingerprint(digest: Uint8Array): string {
  return hexEncode(digest, ":").toUpperCase();
}

/**
 * The digest behind a fingerprint's text, or `undefined` when it is malformed or not as long as the
 * algorithm's digests. Lower-case digits are accepted, as every browser does.
 */
export function parseFingerprint(
  algorithm: FingerprintAlgorithm,
  text: string,
): Uint8Array | undefined {
  if (!/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*$/.test(text)) return undefined;
  const digest = hexDecode(text);
  return digest?.length === DIGEST_BYTES[algorithm] ? digest : undefined;
}
