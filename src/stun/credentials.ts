import { utf8Encode } from "../base/mod.ts";
import type { HashAlgorithm } from "../crypto/mod.ts";
import { StunError } from "./errors.ts";

/**
 * What RFC 8264's FreeformClass refuses: control characters, code points that are unassigned or
 * not characters, those that are ignorable by default (but for the two joiners, which scripts
 * need), and old Hangul Jamo.
 */
const REFUSED =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]|(?![\u200c\u200d])\p{Default_Ignorable_Code_Point}/u;

/**
 * A username, realm or password as it enters a key: the OpaqueString profile (RFC 8265 §4.2), that
 * is, every kind of space becomes U+0020, and the text is normalized to NFC.
 *
 * @throws {StunError} `invalid-credential` when the text is empty or has characters that RFC 8265
 *   does not allow
 */
export function prepareOpaqueString(text: string): string {
  const prepared = text.replace(/\p{Zs}/gu, " ").normalize("NFC");
  if (prepared === "" || REFUSED.test(prepared)) {
    throw new StunError("invalid-credential", "A username, realm or password breaks RFC 8265");
  }
  return prepared;
}

/** The part of a `CryptoProvider` that credentials need. */
export interface CredentialHash {
  /** The digest of `data`. */
  hash(algorithm: HashAlgorithm, data: Uint8Array): Uint8Array;
}

/** The key of the short-term mechanism, the password itself (RFC 8489 §9.1.1). */
export function shortTermKey(password: string): Uint8Array<ArrayBuffer> {
  return utf8Encode(prepareOpaqueString(password));
}

/**
 * The key of the long-term mechanism: the hash of `username ":" realm ":" password`
 * (RFC 8489 §18.5.1).
 *
 * @param hash "md5", or "sha-256" when the server offers it
 */
export function longTermKey(
  crypto: CredentialHash,
  hash: HashAlgorithm,
  username: string,
  realm: string,
  password: string,
): Uint8Array {
  const parts = [username, realm, password].map(prepareOpaqueString);
  return crypto.hash(hash, utf8Encode(parts.join(":")));
}

/** The value of USERHASH: SHA-256 of `username ":" realm` (RFC 8489 §14.4). */
export function userhash(crypto: CredentialHash, username: string, realm: string): Uint8Array {
  const text = `${prepareOpaqueString(username)}:${prepareOpaqueString(realm)}`;
  return crypto.hash("sha-256", utf8Encode(text));
}
