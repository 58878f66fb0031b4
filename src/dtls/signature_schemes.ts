import type { SignatureScheme, SigningKeyAlgorithm } from "../crypto/mod.ts";

/** A signature scheme by number (RFC 5246 §7.4.1.4.1 as renamed by RFC 8446 §4.2.3). */
export interface SchemeEntry {
  /** IANA number: in DTLS 1.2, hash and signature algorithm. */
  readonly id: number;
  /** Its name towards the provider. */
  readonly scheme: SignatureScheme;
  /** The kind of key it needs. */
  readonly authentication: "ecdsa" | "rsa";
}

/** What we offer and accept, best first. Nothing with SHA-1 or MD5 (RFC 9155 §2). */
export const SIGNATURE_SCHEMES: readonly SchemeEntry[] = [
  { id: 0x0403, scheme: "ecdsa_secp256r1_sha256", authentication: "ecdsa" },
  { id: 0x0804, scheme: "rsa_pss_rsae_sha256", authentication: "rsa" },
  { id: 0x0401, scheme: "rsa_pkcs1_sha256", authentication: "rsa" },
  { id: 0x0503, scheme: "ecdsa_secp384r1_sha384", authentication: "ecdsa" },
  { id: 0x0501, scheme: "rsa_pkcs1_sha384", authentication: "rsa" },
  { id: 0x0601, scheme: "rsa_pkcs1_sha512", authentication: "rsa" },
];

/** Finds a scheme of ours by number. */
export function signatureScheme(id: number): SchemeEntry | undefined {
  return SIGNATURE_SCHEMES.find((entry) => entry.id === id);
}

/** The suite family that a key of ours can sign for. */
export function authenticationOf(algorithm: SigningKeyAlgorithm): "ecdsa" | "rsa" {
  return algorithm === "ecdsa-p256" ? "ecdsa" : "rsa";
}

/** The first of our schemes that the peer lists and a key of ours can make, or `undefined`. */
export function chooseScheme(
  algorithm: SigningKeyAlgorithm,
  offered: readonly number[],
): SchemeEntry | undefined {
  return SIGNATURE_SCHEMES.find((entry) =>
    entry.authentication === authenticationOf(algorithm) &&
    // Our ECDSA keys are on P-256; the P-384 scheme is for verifying alone.
    entry.scheme !== "ecdsa_secp384r1_sha384" &&
    offered.includes(entry.id)
  );
}
