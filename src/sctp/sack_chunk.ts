import { readU16, readU32, writeU16, writeU32 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, ChunkType, writeChunkHeader } from "./chunk.ts";

/** Length of a SACK without gap blocks and duplicates, bytes. */
export const SACK_HEADER_BYTES: number = CHUNK_HEADER_BYTES + 12;
/** Length of one gap ack block, and of one duplicate TSN, bytes. */
export const SACK_ENTRY_BYTES = 4;

/** What a SACK says. One object is filled again and again; the blocks are read where they lie. */
export class SackFields {
  /** Everything up to here has arrived. */
  cumulativeTsn = 0;
  /** Receive window of the peer, bytes. */
  advertisedWindow = 0;
  /** How many gap ack blocks there are. */
  gapBlocks = 0;
  /** How many duplicate TSNs there are. */
  duplicates = 0;
  /** Where the first gap ack block lies. */
  blocksAt = 0;
}

/** Reads a SACK (RFC 9260 §3.3.4) that ends at `end`; `false` when its counts do not fit into it. */
export function readSackChunk(b: Uint8Array, at: number, end: number, into: SackFields): boolean {
  if (end - at < SACK_HEADER_BYTES) return false;
  into.cumulativeTsn = readU32(b, at + 4);
  into.advertisedWindow = readU32(b, at + 8);
  into.gapBlocks = readU16(b, at + 12);
  into.duplicates = readU16(b, at + 14);
  into.blocksAt = at + SACK_HEADER_BYTES;
  return end - into.blocksAt === SACK_ENTRY_BYTES * (into.gapBlocks + into.duplicates);
}

/**
 * Writes the fixed part of a SACK. The caller writes the gap ack blocks, then the duplicate TSNs.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Type = 3    |  Chunk Flags  |         Chunk Length          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      Cumulative TSN Ack                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Advertised Receiver Window Credit (a_rwnd)          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    Number of Gap Ack Blocks   |   Number of Duplicate TSNs    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Gap Ack Block Start       |      Gap Ack Block End        |  offsets from the
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+  cumulative TSN
 * \                              ...                              /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Duplicate TSN                          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeSackHeader(
  out: Uint8Array,
  at: number,
  cumulativeTsn: number,
  advertisedWindow: number,
  gapBlocks: number,
  duplicates: number,
): number {
  const length = SACK_HEADER_BYTES + SACK_ENTRY_BYTES * (gapBlocks + duplicates);
  at = writeChunkHeader(out, at, ChunkType.sack, 0, length);
  at = writeU32(out, at, cumulativeTsn);
  at = writeU32(out, at, advertisedWindow);
  at = writeU16(out, at, gapBlocks);
  return writeU16(out, at, duplicates);
}
