import { ChunkType, closeFrame, writeChunk, writeChunkHeader } from "./chunk.ts";
import { ParameterType, writeParameter } from "./parameter.ts";

/**
 * HEARTBEAT (RFC 9260 §3.3.5). The information is opaque to the peer, who echoes it.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Type = 4    |  Chunk Flags  |       Heartbeat Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    Heartbeat Info Type = 1    |        HB Info Length         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                 Sender-Specific Heartbeat Info                /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeHeartbeatChunk(info: Uint8Array, out: Uint8Array, at: number): number {
  const start = at;
  at = writeChunkHeader(out, at, ChunkType.heartbeat, 0, 0);
  at = writeParameter(out, at, ParameterType.heartbeatInfo, info);
  return closeFrame(out, start, at);
}

/** HEARTBEAT ACK (RFC 9260 §3.3.6): type 5, the value of the HEARTBEAT byte for byte. */
export function writeHeartbeatAckChunk(value: Uint8Array, out: Uint8Array, at: number): number {
  return writeChunk(out, at, ChunkType.heartbeatAck, 0, value);
}
