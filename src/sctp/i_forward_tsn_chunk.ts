import { readU16, readU32, writeU16, writeU32 } from "../base/mod.ts";
import { ChunkType, writeChunkHeader } from "./chunk.ts";
import {
  FORWARD_TSN_HEADER_BYTES,
  type ForwardTsn,
  type SkippedStream,
} from "./forward_tsn_chunk.ts";

/** Length per stream in an I-FORWARD-TSN, bytes. */
export const I_FORWARD_TSN_STREAM_BYTES = 8;

/** The U bit of an entry: unordered messages are meant (RFC 8260 §2.3.1). */
const ENTRY_UNORDERED = 0x0001;

/** Reads an I-FORWARD-TSN (RFC 8260 §2.3.1) that ends at `end`, or `undefined` when truncated. */
export function parseIForwardTsn(b: Uint8Array, at: number, end: number): ForwardTsn | undefined {
  const listBytes = end - at - FORWARD_TSN_HEADER_BYTES;
  if (listBytes < 0 || listBytes % I_FORWARD_TSN_STREAM_BYTES !== 0) return undefined;
  const skipped: SkippedStream[] = [];
  for (let p = at + FORWARD_TSN_HEADER_BYTES; p < end; p += I_FORWARD_TSN_STREAM_BYTES) {
    skipped.push({
      streamId: readU16(b, p),
      unordered: (readU16(b, p + 2) & ENTRY_UNORDERED) !== 0,
      messageNumber: readU32(b, p + 4),
    });
  }
  return { newCumulativeTsn: readU32(b, at + 4), skipped };
}

/**
 * Writes an I-FORWARD-TSN.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type = 194   | Flags = 0x00  |            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      New Cumulative TSN                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |       Stream Identifier       |          Reserved           |U|
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      Message Identifier                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeIForwardTsn(forward: ForwardTsn, out: Uint8Array, at: number): number {
  const { newCumulativeTsn, skipped } = forward;
  const length = FORWARD_TSN_HEADER_BYTES + I_FORWARD_TSN_STREAM_BYTES * skipped.length;
  at = writeChunkHeader(out, at, ChunkType.iForwardTsn, 0, length);
  at = writeU32(out, at, newCumulativeTsn);
  for (const stream of skipped) {
    at = writeU16(out, at, stream.streamId);
    at = writeU16(out, at, stream.unordered ? ENTRY_UNORDERED : 0);
    at = writeU32(out, at, stream.messageNumber);
  }
  return at;
}
