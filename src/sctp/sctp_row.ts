/**
 * What is known of one received SCTP packet, as one row of numbers (RFC 9260 §3): the Rust core fills
 * the same columns in the call that decrypts the packet.
 */
import { readU16, readU32 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, chunkEnd, padded } from "./chunk.ts";
import { checksumOf, COMMON_HEADER_BYTES, packetChecksum, verificationTagOf } from "./packet.ts";

/** Column: offset of the packet in the memory of its batch. */
export const SCTP_AT = 0;
/** Column: length of the packet, bytes. */
export const SCTP_LENGTH = 1;
/** Column: {@linkcode SCTP_NONE}, {@linkcode SCTP_WHOLE} or {@linkcode SCTP_TRUNCATED}. */
export const SCTP_STATUS = 2;
/** Column: source port in the upper 16 bits, destination port in the lower. */
export const SCTP_PORTS = 3;
/** Column: verification tag. */
export const SCTP_TAG = 4;
/**
 * Column: {@linkcode SCTP_CHECKSUM_ZERO}, {@linkcode SCTP_CHECKSUM_RIGHT} or
 * {@linkcode SCTP_CHECKSUM_WRONG}.
 */
export const SCTP_CHECKSUM = 5;
/** Column: how many well-formed chunks the packet begins with, listed here or not. */
export const SCTP_CHUNK_COUNT = 6;
/**
 * Column: the first chunk, followed by the others: its type in the upper 8 bits, its flags in the next
 * 8, and its length in the lower 16; in the column behind, its offset from the beginning of the packet.
 */
export const SCTP_CHUNKS = 7;
/** Chunks that a row has room for. */
export const SCTP_MAX_CHUNKS = 8;
/** Columns per row. */
export const SCTP_COLUMNS = 23;

/** Status: no packet, too short or too long for one. The other columns mean nothing. */
export const SCTP_NONE = 0;
/** Status: well-formed chunks to the end. */
export const SCTP_WHOLE = 1;
/** Status: behind the chunks that were counted is something that is none, or leaves the packet. */
export const SCTP_TRUNCATED = 2;

/** Checksum: zero, which RFC 9653 allows where it was negotiated. It was not compared. */
export const SCTP_CHECKSUM_ZERO = 0;
/** Checksum: right. */
export const SCTP_CHECKSUM_RIGHT = 1;
/** Checksum: wrong. */
export const SCTP_CHECKSUM_WRONG = 2;

/** Offsets of chunks have 16 bits; no datagram is longer. */
const MAX_PACKET_BYTES = 0xffff;

/**
 * Fills a row for the packet `packet`, which lies at `at` in the memory of its batch. Chunks that a row
 * has no room for are counted only; the columns behind the listed ones keep what they held. Never
 * throws and allocates nothing.
 *
 * @param row index of the row's first number in `rows`: a multiple of `SCTP_COLUMNS`
 * @returns whether there is a packet at all: otherwise only `SCTP_STATUS` is written
 *
 * @example
 * ```ts
 * import { parseSctpRow, SCTP_CHUNK_COUNT, SCTP_CHUNKS, SCTP_COLUMNS } from "@sterna/webrtc/sctp";
 *
 * // Ports 5000, a tag, no checksum, and a COOKIE ACK.
 * const packet = Uint8Array.of(0x13, 0x88, 0x13, 0x88, 1, 2, 3, 4, 0, 0, 0, 0, 11, 0, 0, 4);
 * const rows = new Uint32Array(SCTP_COLUMNS);
 * console.log(parseSctpRow(packet, 0, rows, 0)); // true
 * console.log(rows[SCTP_CHUNK_COUNT], rows[SCTP_CHUNKS]! >>> 24); // 1 11
 * ```
 */
export function parseSctpRow(
  packet: Uint8Array,
  at: number,
  rows: Uint32Array,
  row: number,
): boolean {
  const { length } = packet;
  if (length < COMMON_HEADER_BYTES + CHUNK_HEADER_BYTES || length > MAX_PACKET_BYTES) {
    rows[row + SCTP_STATUS] = SCTP_NONE;
    return false;
  }
  rows[row + SCTP_AT] = at;
  rows[row + SCTP_LENGTH] = length;
  rows[row + SCTP_PORTS] = readU32(packet, 0);
  rows[row + SCTP_TAG] = verificationTagOf(packet);
  rows[row + SCTP_CHECKSUM] = judgeChecksum(packet);
  let count = 0, column = row + SCTP_CHUNKS, end = 0;
  for (let from = COMMON_HEADER_BYTES; from < length; from += padded(end - from)) {
    end = chunkEnd(packet, from, length);
    if (end < 0) break;
    if (count < SCTP_MAX_CHUNKS) {
      rows[column++] = (readU16(packet, from) << 16) | (end - from);
      rows[column++] = from;
    }
    count++;
  }
  rows[row + SCTP_CHUNK_COUNT] = count;
  rows[row + SCTP_STATUS] = end < 0 ? SCTP_TRUNCATED : SCTP_WHOLE;
  return true;
}

function judgeChecksum(packet: Uint8Array): number {
  const stored = checksumOf(packet);
  if (stored === 0) return SCTP_CHECKSUM_ZERO;
  const right = stored === packetChecksum(packet, 0, packet.length);
  return right ? SCTP_CHECKSUM_RIGHT : SCTP_CHECKSUM_WRONG;
}
