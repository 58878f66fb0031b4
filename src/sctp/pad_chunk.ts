import { CHUNK_HEADER_BYTES, ChunkType, writeChunkHeader } from "./chunk.ts";

/**
 * PAD (RFC 4820 §3): makes a packet as long as a path MTU probe has to be.
 *
 * ```text
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type = 132   |  Flags = 0    |            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                         Padding Data                          /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 *
 * @param length of the whole chunk, at least 4 and a multiple of 4
 */
export function writePadChunk(length: number, out: Uint8Array, at: number): number {
  writeChunkHeader(out, at, ChunkType.pad, 0, length);
  out.fill(0, at + CHUNK_HEADER_BYTES, at + length);
  return at + length;
}
