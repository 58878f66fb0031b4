import { ChunkType, writeChunk } from "./chunk.ts";

/**
 * COOKIE ECHO (RFC 9260 §3.3.11): the cookie of the INIT ACK, byte for byte.
 *
 * ```text
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Type = 10   |  Chunk Flags  |         Chunk Length          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                            Cookie                             /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeCookieEchoChunk(cookie: Uint8Array, out: Uint8Array, at: number): number {
  return writeChunk(out, at, ChunkType.cookieEcho, 0, cookie);
}
