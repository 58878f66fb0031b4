import { equalBytes } from "../base/mod.ts";
import { type CryptoProvider, parseFingerprint } from "../crypto/mod.ts";

/** One `a=fingerprint` of the peer (RFC 8122 §5, W3C RTCDtlsFingerprint). */
export interface DtlsFingerprint {
  /** Hash function by its IANA name, in any case. */
  readonly algorithm: string;
  /** Hexadecimal bytes with colons between them, in any case. */
  readonly value: string;
}

/**
 * Hash functions we trust, most preferred first. MD2 and MD5 are forbidden (RFC 8122 §5); SHA-1 is
 * allowed there for old peers, but a certificate can be forged against it, so a list with nothing
 * better is refused.
 */
const TRUSTED_HASHES = ["sha-512", "sha-384", "sha-256", "sha-224"] as const;

/**
 * Whether `certificate` (DER) is one that the peer announced. RFC 8122 §5: of the hash functions
 * offered, the most preferred one decides alone, and any of its fingerprints may match.
 */
export function matchesFingerprint(
  crypto: CryptoProvider,
  certificate: Uint8Array,
  fingerprints: readonly DtlsFingerprint[],
): boolean {
  for (const hash of TRUSTED_HASHES) {
    const set = fingerprints.filter((entry) => entry.algorithm.toLowerCase() === hash);
    if (set.length === 0) continue;
    const digest = crypto.hash(hash, certificate);
    return set.some((entry) => {
      const announced = parseFingerprint(hash, entry.value);
      return announced !== undefined && equalBytes(announced, digest);
    });
  }
  return false;
}
