/**
 * Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2): counts the
 * packets of all streams of a transport, so that feedback can speak of them.
 *
 * ```text
 *  0                   1
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | transport-wide sequence number|
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { readU16, writeU16 } from "../base/mod.ts";

/** Length of the element's data, bytes. */
export const TRANSPORT_SEQUENCE_NUMBER_BYTES = 2;

/** Reads an element's data of `length` bytes at `bytes[at]`; −1 when the length is wrong. */
export function readTransportSequenceNumber(bytes: Uint8Array, at: number, length: number): number {
  return length === TRANSPORT_SEQUENCE_NUMBER_BYTES ? readU16(bytes, at) : -1;
}

/** Writes an element's data at `out[at]` and returns the offset behind it. */
export function writeTransportSequenceNumber(
  sequenceNumber: number,
  out: Uint8Array,
  at: number,
): number {
  return writeU16(out, at, sequenceNumber);
}
