import { SternaError } from "../base/mod.ts";

/**
 * - `unsupported`: this provider lacks the primitive (RSA key generation in pure TypeScript)
 * - `invalid-key`: stored key bytes that cannot be read, or a key of the wrong length
 * - `invalid-certificate`: stored certificate bytes that cannot be read or do not fit their key
 * - `invalid-argument`: a signature scheme that does not fit the key, an unknown algorithm name
 */
export type CryptoErrorCode =
  | "unsupported"
  | "invalid-key"
  | "invalid-certificate"
  | "invalid-argument";

/** A fault of the caller or a missing primitive; the bytes of a peer never cause one. */
export class CryptoError extends SternaError<CryptoErrorCode> {}
