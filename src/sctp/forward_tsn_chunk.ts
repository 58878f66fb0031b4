import { readU16, readU32, writeU16, writeU32 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, ChunkType, writeChunkHeader } from "./chunk.ts";

/** A stream that is told to skip messages, in FORWARD TSN and I-FORWARD-TSN. */
export interface SkippedStream {
  /** Stream identifier. */
  readonly streamId: number;
  /** Whether unordered messages are meant; FORWARD TSN lists ordered ones only. */
  readonly unordered: boolean;
  /** Last skipped stream sequence number (FORWARD TSN) or message identifier (I-FORWARD-TSN). */
  readonly messageNumber: number;
}

/** What a FORWARD TSN or I-FORWARD-TSN says. */
export interface ForwardTsn {
  /** Everything up to here is to be taken as received. */
  readonly newCumulativeTsn: number;
  /** Streams that wait for a message that will not come. */
  readonly skipped: readonly SkippedStream[];
}

/** Length of the fixed part of both chunks, bytes. */
export const FORWARD_TSN_HEADER_BYTES: number = CHUNK_HEADER_BYTES + 4;
/** Length per stream in a FORWARD TSN, bytes. */
export const FORWARD_TSN_STREAM_BYTES = 4;

/** Reads a FORWARD TSN (RFC 3758 §3.2) that ends at `end`, or `undefined` when it is truncated. */
export function parseForwardTsn(b: Uint8Array, at: number, end: number): ForwardTsn | undefined {
  const listBytes = end - at - FORWARD_TSN_HEADER_BYTES;
  if (listBytes < 0 || listBytes % FORWARD_TSN_STREAM_BYTES !== 0) return undefined;
  const skipped: SkippedStream[] = [];
  for (let p = at + FORWARD_TSN_HEADER_BYTES; p < end; p += FORWARD_TSN_STREAM_BYTES) {
    skipped.push({
      streamId: readU16(b, p),
      unordered: false,
      messageNumber: readU16(b, p + 2),
    });
  }
  return { newCumulativeTsn: readU32(b, at + 4), skipped };
}

/**
 * Writes a FORWARD TSN.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type = 192   |  Flags = 0x00 |            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      New Cumulative TSN                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Stream              |        Stream Sequence        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeForwardTsn(forward: ForwardTsn, out: Uint8Array, at: number): number {
  const { newCumulativeTsn, skipped } = forward;
  const length = FORWARD_TSN_HEADER_BYTES + FORWARD_TSN_STREAM_BYTES * skipped.length;
  at = writeChunkHeader(out, at, ChunkType.forwardTsn, 0, length);
  at = writeU32(out, at, newCumulativeTsn);
  for (const stream of skipped) {
    at = writeU16(out, at, stream.streamId);
    at = writeU16(out, at, stream.messageNumber);
  }
  return at;
}
