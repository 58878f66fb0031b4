import { readU16, readU32, writeU16, writeU32 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, ChunkType, writeChunkHeader } from "./chunk.ts";

/** Flags of DATA and I-DATA (RFC 9260 §3.3.1): last fragment. */
export const DATA_END = 0x01;
/** First fragment. */
export const DATA_BEGIN = 0x02;
/** Unordered: the stream sequence number means nothing. */
export const DATA_UNORDERED = 0x04;
/** The sender asks for a SACK at once (RFC 7053, RFC 9260 §3.3.1). */
export const DATA_IMMEDIATE = 0x08;

/** Length of a DATA chunk without its user data, bytes. */
export const DATA_HEADER_BYTES: number = CHUNK_HEADER_BYTES + 12;

/** What a DATA or I-DATA chunk says. One object is filled again and again: no garbage per chunk. */
export class DataFields {
  /** `DATA_…` bits. */
  flags = 0;
  /** Transmission sequence number. */
  tsn = 0;
  /** Stream identifier. */
  streamId = 0;
  /** Stream sequence number of DATA, message identifier of I-DATA. */
  messageNumber = 0;
  /** Fragment sequence number of I-DATA; 0 for DATA. */
  fragmentNumber = 0;
  /** Payload protocol identifier; I-DATA carries it in the first fragment only. */
  ppid = 0;
  /** Where the user data begins in the packet. */
  dataAt = 0;
  /** Where the user data ends. */
  dataEnd = 0;
}

/**
 * Reads a DATA chunk (RFC 9260 §3.3.1) that ends at `end`; `false` when it is truncated. A chunk
 * without user data is read: its sender has to be told (RFC 9260 §6.2).
 */
export function readDataChunk(b: Uint8Array, at: number, end: number, into: DataFields): boolean {
  if (end - at < DATA_HEADER_BYTES) return false;
  into.flags = b[at + 1]!;
  into.tsn = readU32(b, at + 4);
  into.streamId = readU16(b, at + 8);
  into.messageNumber = readU16(b, at + 10);
  into.fragmentNumber = 0;
  into.ppid = readU32(b, at + 12);
  into.dataAt = at + DATA_HEADER_BYTES;
  into.dataEnd = end;
  return true;
}

/**
 * Writes the header of a DATA chunk with `length` bytes of user data, which the caller puts behind it
 * and pads. Returns where they go.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Type = 0    |  Res  |I|U|B|E|            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                              TSN                              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |       Stream Identifier       |    Stream Sequence Number     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  Payload Protocol Identifier                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * \                           User Data                           /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export function writeDataHeader(
  out: Uint8Array,
  at: number,
  length: number,
  flags: number,
  tsn: number,
  streamId: number,
  streamSequence: number,
  ppid: number,
): number {
  at = writeChunkHeader(out, at, ChunkType.data, flags, DATA_HEADER_BYTES + length);
  at = writeU32(out, at, tsn);
  at = writeU16(out, at, streamId);
  at = writeU16(out, at, streamSequence);
  return writeU32(out, at, ppid);
}
