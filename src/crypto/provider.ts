/**
 * What the machines ask of cryptography. Everything is synchronous: a promise inside a protocol
 * machine would make its order depend on the host. Each host picks a provider per primitive by
 * measurement; all providers pass the same vectors.
 *
 * @module
 */
import type { Entropy } from "../base/mod.ts";
import type { AeadAlgorithm, AeadBatch, AeadKey } from "./aead.ts";

/** Hash functions that WebRTC's protocols name. MD5 is TURN's long-term key, SHA-1 STUN's and SRTP's. */
export type HashAlgorithm = "md5" | "sha-1" | "sha-224" | "sha-256" | "sha-384" | "sha-512";

/** A hash that is fed in parts and can be read midway (the TLS handshake transcript). */
export interface RunningHash {
  /** Takes more bytes; they are not kept. */
  update(bytes: Uint8Array): void;
  /** The digest of all bytes so far; more may follow. */
  digest(): Uint8Array;
}

/** A keyed MAC, prepared once. */
export interface HmacKey {
  /** The full-length MAC of the concatenation of `parts`. */
  sign(...parts: readonly Uint8Array[]): Uint8Array;
}

/** Groups for ephemeral key agreement (RFC 8422 §5.1.1). */
export type NamedCurve = "x25519" | "secp256r1";

/** One side of an ephemeral key agreement. */
export interface KeyAgreement {
  /** Our share as the wire carries it: 32 bytes (X25519), or 65 bytes, uncompressed (P-256). */
  readonly publicKey: Uint8Array;
  /**
   * The shared secret, or `undefined` when the peer's share is malformed, not on the curve, or gives
   * the all-zero secret (RFC 7748 §6.1, RFC 8422 §5.11).
   */
  deriveSecret(peerPublicKey: Uint8Array): Uint8Array | undefined;
}

/** Signature schemes by their TLS names (RFC 8446 §4.2.3), as far as DTLS 1.2 peers use them. */
export type SignatureScheme =
  | "ecdsa_secp256r1_sha256"
  | "ecdsa_secp384r1_sha384"
  | "rsa_pkcs1_sha256"
  | "rsa_pkcs1_sha384"
  | "rsa_pkcs1_sha512"
  | "rsa_pss_rsae_sha256";

/** Keys that a certificate of ours can have (W3C webrtc-pc §4.9.1 asks for both). */
export type SigningKeyAlgorithm = "ecdsa-p256" | "rsa-2048";

/** A private key of ours. */
export interface SigningKey {
  /** What kind of key it is. */
  readonly algorithm: SigningKeyAlgorithm;
  /** DER SubjectPublicKeyInfo (RFC 5280 §4.1). */
  readonly publicKeyInfo: Uint8Array;
  /** Signs `data`: DER `ECDSA-Sig-Value` (RFC 3279 §2.2.3) or an RSA block. */
  sign(scheme: SignatureScheme, data: Uint8Array): Uint8Array;
  /** DER PKCS #8 (RFC 5958), for storage by the owner. */
  exportPkcs8(): Uint8Array;
}

/** A set of primitives. Methods throw only for faults of the caller, never for bytes of a peer. */
export interface CryptoProvider {
  /** Which one this is, for statistics and `STERNA_CRYPTO`. */
  readonly name: string;
  /** Starts a running hash. */
  createHash(algorithm: HashAlgorithm): RunningHash;
  /** The digest of `data`. */
  hash(algorithm: HashAlgorithm, data: Uint8Array): Uint8Array;
  /** Prepares a MAC key. */
  createHmac(algorithm: HashAlgorithm, key: Uint8Array): HmacKey;
  /** Prepares an AEAD key. The bytes of `key` are not kept by reference. */
  createAead(algorithm: AeadAlgorithm, key: Uint8Array): AeadKey;
  /**
   * A batch of AEADs whose records the keys of this provider work on where they lie; others are
   * right, too, but may be copied. {@linkcode AeadBatch.release} gives it back.
   *
   * @param byteLength room for records
   * @param maxRows room for rows
   * @param content what the texts are: of `sctp`, {@linkcode AeadBatch.packets} are rows
   *   as `@sterna/webrtc/sctp` has them, where that is cheaper than making them there
   */
  createAeadBatch(byteLength: number, maxRows: number, content?: "sctp"): AeadBatch;
  /** Makes an ephemeral key pair. */
  createKeyAgreement(curve: NamedCurve, entropy: Entropy): KeyAgreement;
  /**
   * Makes a signing key.
   *
   * @throws {CryptoError} `unsupported` when this provider cannot (RSA in pure TypeScript)
   */
  generateSigningKey(algorithm: SigningKeyAlgorithm, entropy: Entropy): SigningKey;
  /**
   * Reads a key that {@linkcode SigningKey.exportPkcs8} wrote.
   *
   * @throws {CryptoError} `invalid-key`
   */
  importSigningKey(pkcs8: Uint8Array): SigningKey;
  /**
   * Verifies a peer's signature against the DER SubjectPublicKeyInfo of its certificate. A malformed
   * key or signature, or a scheme that does not fit the key, is `false`.
   */
  verify(
    scheme: SignatureScheme,
    publicKeyInfo: Uint8Array,
    data: Uint8Array,
    signature: Uint8Array,
  ): boolean;
  /**
   * CRC32c of `bytes[at…end]`, at most 64 KiB, as an unsigned number (RFC 9260 appendix A), where the
   * provider has one that is quicker with long packets than TypeScript's.
   */
  readonly crc32c?: ((bytes: Uint8Array, at: number, end: number) => number) | undefined;
}
