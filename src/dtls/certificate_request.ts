/**
 * CertificateRequest (RFC 5246 §7.4.4).
 *
 * ```text
 * +-----------------------+--------------------------+------------------+
 * | certificate types <1> | signature algorithms <2> | authorities <2>  |
 * +-----------------------+--------------------------+------------------+
 * ```
 */
import { writeBytes, writeU16 } from "../base/mod.ts";
import { parseU16List, Reader } from "./reader.ts";

/** RFC 5246 §7.4.4. */
export const CERTIFICATE_TYPE_RSA_SIGN = 1;
/** RFC 8422 §5.5. */
export const CERTIFICATE_TYPE_ECDSA_SIGN = 64;

/** What the server accepts. */
export interface CertificateRequest {
  /** Kinds of keys. */
  readonly certificateTypes: Uint8Array;
  /** Signature schemes by number. */
  readonly signatureSchemes: readonly number[];
}

/**
 * Parses the body, or returns `undefined`. The list of authorities is checked for its form and
 * otherwise ignored: fingerprints stand in for authorities (RFC 8122 §6.2).
 */
export function parseCertificateRequest(body: Uint8Array): CertificateRequest | undefined {
  const reader = new Reader(body);
  const certificateTypes = reader.vector8();
  const signatureSchemes = parseU16List(reader.vector16());
  const authorities = new Reader(reader.vector16());
  if (!reader.complete || certificateTypes.length === 0 || signatureSchemes === undefined) {
    return undefined;
  }
  while (authorities.remaining > 0 && !authorities.failed) authorities.vector16();
  return authorities.failed ? undefined : { certificateTypes, signatureSchemes };
}

/** Writes the body, with no authorities, and returns the offset behind it. */
export function writeCertificateRequest(
  message: CertificateRequest,
  out: Uint8Array,
  at: number,
): number {
  out[at] = message.certificateTypes.length;
  at = writeBytes(out, at + 1, message.certificateTypes);
  at = writeU16(out, at, 2 * message.signatureSchemes.length);
  for (const scheme of message.signatureSchemes) at = writeU16(out, at, scheme);
  return writeU16(out, at, 0);
}
