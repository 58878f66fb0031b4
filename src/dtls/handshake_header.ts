/**
 * The header of a handshake message, or of a fragment of one (RFC 6347 §4.2.2).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-----------------------------------------------+
 * |   msg type    |                    length                     |
 * +---------------+---------------+-------------------------------+
 * |          message seq          |        fragment offset        :
 * +---------------+---------------+-------------------------------+
 * : frag. offset  |               fragment length                 |
 * +---------------+-----------------------------------------------+
 * |  fragment …
 * +-----------
 * ```
 */
import { writeU16, writeU24 } from "../base/mod.ts";

/** RFC 6347 §4.2.2: bytes of a handshake header. */
export const HANDSHAKE_HEADER_BYTES = 12;

/** Handshake message types (RFC 5246 §7.4, RFC 6347 §4.2.2). */
export const HANDSHAKE = {
  hello_request: 0,
  client_hello: 1,
  server_hello: 2,
  hello_verify_request: 3,
  certificate: 11,
  server_key_exchange: 12,
  certificate_request: 13,
  server_hello_done: 14,
  certificate_verify: 15,
  client_key_exchange: 16,
  finished: 20,
} as const;

/** Writes the header of a fragment and returns the offset behind it. */
export function writeHandshakeHeader(
  out: Uint8Array,
  at: number,
  type: number,
  length: number,
  sequence: number,
  fragmentOffset: number,
  fragmentLength: number,
): number {
  out[at] = type;
  at = writeU24(out, at + 1, length);
  at = writeU16(out, at, sequence);
  at = writeU24(out, at, fragmentOffset);
  return writeU24(out, at, fragmentLength);
}
