/**
 * CertificateVerify (RFC 5246 §7.4.8): the client's signature over all messages before it.
 *
 * ```text
 * +------------+---------------+
 * | scheme (2) | signature <2> |
 * +------------+---------------+
 * ```
 */
import { writeBytes, writeU16 } from "../base/mod.ts";
import { Reader } from "./reader.ts";

/** The fields of a CertificateVerify. */
export interface CertificateVerify {
  /** Signature scheme number. */
  readonly scheme: number;
  /** A view in a parsed message. */
  readonly signature: Uint8Array;
}

/** Parses the body, or returns `undefined`. */
export function parseCertificateVerify(body: Uint8Array): CertificateVerify | undefined {
  const reader = new Reader(body);
  const scheme = reader.u16();
  const signature = reader.vector16();
  return reader.complete ? { scheme, signature } : undefined;
}

/** Writes the body of the message and returns the offset behind it. */
export function writeCertificateVerify(
  message: CertificateVerify,
  out: Uint8Array,
  at: number,
): number {
  at = writeU16(out, at, message.scheme);
  at = writeU16(out, at, message.signature.length);
  return writeBytes(out, at, message.signature);
}
