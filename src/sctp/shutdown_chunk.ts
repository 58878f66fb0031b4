import { readU32, writeU32 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, ChunkType, writeChunkHeader, writeEmptyChunk } from "./chunk.ts";

/** Length of a SHUTDOWN chunk, bytes. */
const SHUTDOWN_BYTES: number = CHUNK_HEADER_BYTES + 4;

/**
 * SHUTDOWN (RFC 9260 §3.3.8).
 *
 * ```text
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Type = 7    |  Chunk Flags  |          Length = 8           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      Cumulative TSN Ack                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeShutdownChunk(cumulativeTsn: number, out: Uint8Array, at: number): number {
  at = writeChunkHeader(out, at, ChunkType.shutdown, 0, SHUTDOWN_BYTES);
  return writeU32(out, at, cumulativeTsn);
}

/** Cumulative TSN of a SHUTDOWN that ends at `end`, or `undefined` when its length is not 8. */
export function parseShutdownChunk(b: Uint8Array, at: number, end: number): number | undefined {
  return end - at === SHUTDOWN_BYTES ? readU32(b, at + CHUNK_HEADER_BYTES) : undefined;
}

/** SHUTDOWN ACK (RFC 9260 §3.3.9): type 8, no value. */
export function writeShutdownAckChunk(out: Uint8Array, at: number): number {
  return writeEmptyChunk(out, at, ChunkType.shutdownAck);
}

/** SHUTDOWN COMPLETE (RFC 9260 §3.3.13): type 14, no value, T bit in the flags. */
export function writeShutdownCompleteChunk(flags: number, out: Uint8Array, at: number): number {
  return writeEmptyChunk(out, at, ChunkType.shutdownComplete, flags);
}
