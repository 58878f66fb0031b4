import { readU16, readU32, writeU16, writeU32 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, ChunkType, writeChunkHeader } from "./chunk.ts";
import { DATA_BEGIN, type DataFields } from "./data_chunk.ts";

/** Length of an I-DATA chunk without its user data, bytes. */
export const I_DATA_HEADER_BYTES: number = CHUNK_HEADER_BYTES + 16;

/** Reads an I-DATA chunk (RFC 8260 §2.1) that ends at `end`; `false` when it is truncated. */
export function readIDataChunk(b: Uint8Array, at: number, end: number, into: DataFields): boolean {
  if (end - at < I_DATA_HEADER_BYTES) return false;
  into.flags = b[at + 1]!;
  into.tsn = readU32(b, at + 4);
  into.streamId = readU16(b, at + 8);
  into.messageNumber = readU32(b, at + 12);
  const shared = readU32(b, at + 16);
  const first = (into.flags & DATA_BEGIN) !== 0;
  into.ppid = first ? shared : 0;
  into.fragmentNumber = first ? 0 : shared;
  into.dataAt = at + I_DATA_HEADER_BYTES;
  into.dataEnd = end;
  return true;
}

/**
 * Writes the header of an I-DATA chunk with `length` bytes of user data, which the caller puts behind
 * it and pads. Returns where they go. `shared` is the PPID of a first fragment, else its number.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Type = 64   |  Res  |I|U|B|E|            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                              TSN                              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |       Stream Identifier       |           Reserved            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      Message Identifier                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    Payload Protocol Identifier / Fragment Sequence Number     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                           User Data                           /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeIDataHeader(
  out: Uint8Array,
  at: number,
  length: number,
  flags: number,
  tsn: number,
  streamId: number,
  messageIdentifier: number,
  shared: number,
): number {
  at = writeChunkHeader(out, at, ChunkType.iData, flags, I_DATA_HEADER_BYTES + length);
  at = writeU32(out, at, tsn);
  at = writeU16(out, at, streamId);
  at = writeU16(out, at, 0);
  at = writeU32(out, at, messageIdentifier);
  return writeU32(out, at, shared);
}
