import { ChunkType, writeEmptyChunk } from "./chunk.ts";

/**
 * COOKIE ACK (RFC 9260 §3.3.12).
 *
 * ```text
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Type = 11   |  Chunk Flags  |          Length = 4           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeCookieAckChunk(out: Uint8Array, at: number): number {
  return writeEmptyChunk(out, at, ChunkType.cookieAck);
}
