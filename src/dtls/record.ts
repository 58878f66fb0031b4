/**
 * The DTLS 1.2 record header (RFC 6347 §4.1).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-------------------------------+---------------+
 * |  content type |        version (254.x)        |     epoch     :
 * +---------------+-------------------------------+---------------+
 * :     epoch     |           sequence number (48 bits)           :
 * +---------------+-----------------------------------------------+
 * :              sequence number                  |     length    :
 * +-----------------------------------------------+---------------+
 * :    length     |  fragment …
 * +---------------+
 * ```
 */
import { writeU16, writeU48 } from "../base/mod.ts";

/** RFC 6347 §4.1: bytes of a record header. */
export const RECORD_HEADER_BYTES = 13;

/** RFC 5246 §6.2.1: a plaintext holds at most this many bytes. */
export const MAX_PLAINTEXT_BYTES: number = 1 << 14;

/** RFC 6347 §4.1: version of DTLS 1.2 on the wire. */
export const VERSION_DTLS_1_2 = 0xfefd;

/** RFC 6347 §4.2.1: version that early records carry so that every peer can read them. */
export const VERSION_DTLS_1_0 = 0xfeff;

/** RFC 6347 §4.1: sequence numbers have 48 bits and must not wrap. */
export const MAX_RECORD_SEQUENCE: number = 2 ** 48 - 1;

/** RFC 5246 §6.2.1. */
export const CONTENT_CHANGE_CIPHER_SPEC = 20;
/** RFC 5246 §6.2.1. */
export const CONTENT_ALERT = 21;
/** RFC 5246 §6.2.1. */
export const CONTENT_HANDSHAKE = 22;
/** RFC 5246 §6.2.1. */
export const CONTENT_APPLICATION_DATA = 23;

/** Writes a header and returns the offset behind it. */
export function writeRecordHeader(
  out: Uint8Array,
  at: number,
  type: number,
  version: number,
  epoch: number,
  sequence: number,
  length: number,
): number {
  out[at] = type;
  at = writeU16(out, at + 1, version);
  at = writeU16(out, at, epoch);
  at = writeU48(out, at, sequence);
  return writeU16(out, at, length);
}
