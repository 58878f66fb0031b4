import { readU16, writeU16 } from "../base/mod.ts";

/**
 * The frame of every chunk (RFC 9260 §3.2).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Chunk Type   |  Chunk Flags  |         Chunk Length          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                          Chunk Value                          /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 *
 * The length counts the header and the value, but not the up to three bytes of padding behind it.
 */
export const CHUNK_HEADER_BYTES = 4;

/** Chunk types: RFC 9260 §3.2, RFC 3758 §3.2, RFC 4820 §3, RFC 6525 §3.1, RFC 8260 §2. */
export const ChunkType = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  iData: 64,
  reConfig: 130,
  pad: 132,
  forwardTsn: 192,
  iForwardTsn: 194,
} as const;

/** The T bit of ABORT and SHUTDOWN COMPLETE (RFC 9260 §8.5.1): the tag is the receiver's own. */
export const T_BIT = 0x01;

/** `bytes` rounded up to the four-byte boundary that chunks and parameters are padded to. */
export function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** Writes a chunk header; `length` counts the header. Returns the offset of the value. */
export function writeChunkHeader(
  out: Uint8Array,
  at: number,
  type: number,
  flags: number,
  length: number,
): number {
  out[at] = type;
  out[at + 1] = flags;
  return writeU16(out, at + 2, length);
}

/** Ends a chunk or parameter begun at `start`: fills in its length, pads, returns the padded end. */
export function closeFrame(out: Uint8Array, start: number, end: number): number {
  writeU16(out, start + 2, end - start);
  const paddedEnd = start + padded(end - start);
  while (end < paddedEnd) out[end++] = 0;
  return paddedEnd;
}

/** Writes a chunk without a value. */
export function writeEmptyChunk(out: Uint8Array, at: number, type: number, flags = 0): number {
  return writeChunkHeader(out, at, type, flags, CHUNK_HEADER_BYTES);
}

/** Writes a chunk of any kind around `value`, padding included. */
export function writeChunk(
  out: Uint8Array,
  at: number,
  type: number,
  flags: number,
  value: Uint8Array,
): number {
  const start = at;
  at = writeChunkHeader(out, at, type, flags, 0);
  out.set(value, at);
  return closeFrame(out, start, at + value.length);
}

/**
 * End of the chunk (without padding) that begins at `b[at]`, or −1 when its length is less than a
 * header or passes `end`.
 */
export function chunkEnd(b: Uint8Array, at: number, end: number): number {
  if (end - at < CHUNK_HEADER_BYTES) return -1;
  const length = readU16(b, at + 2);
  return length < CHUNK_HEADER_BYTES || at + length > end ? -1 : at + length;
}

/** Whether an unknown chunk of this type ends the processing of its packet (RFC 9260 §3.2). */
export function unknownChunkStops(type: number): boolean {
  return (type & 0x80) === 0;
}

/** Whether an unknown chunk of this type is reported in an ERROR chunk (RFC 9260 §3.2). */
export function unknownChunkIsReported(type: number): boolean {
  return (type & 0x40) !== 0;
}
