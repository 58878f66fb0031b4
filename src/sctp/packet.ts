import { readU32, writeU16, writeU32 } from "../base/mod.ts";
import { updateCrc32c } from "./crc32c.ts";
import type { SctpOptions } from "./options.ts";

/**
 * The common header (RFC 9260 §3.1).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      Source Port Number       |    Destination Port Number    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                       Verification Tag                        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |             Checksum (CRC32c, least significant byte first)   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export const COMMON_HEADER_BYTES = 12;

const TAG_AT = 4;
const CHECKSUM_AT = 8;
const ZEROS = new Uint8Array(4);

/** Writes the header with a zero checksum and returns the offset of the first chunk. */
export function writeCommonHeader(
  out: Uint8Array,
  at: number,
  sourcePort: number,
  destinationPort: number,
  verificationTag: number,
): number {
  at = writeU16(out, at, sourcePort);
  at = writeU16(out, at, destinationPort);
  at = writeU32(out, at, verificationTag);
  return writeU32(out, at, 0);
}

/** From this length on a checksum of somebody else's is quicker: 200 bytes take 118 ns against 121. */
const LONG_PACKET_BYTES = 256;

/**
 * Computes the checksum of the finished packet `out[at…end]` and writes it into its header.
 *
 * @param crc32c computes it for long packets
 */
export function sealPacket(
  out: Uint8Array,
  at: number,
  end: number,
  crc32c?: SctpOptions["crc32c"],
): void {
  out.fill(0, at + CHECKSUM_AT, at + COMMON_HEADER_BYTES);
  const crc = crc32c !== undefined && end - at >= LONG_PACKET_BYTES
    ? crc32c(out, at, end)
    : ~updateCrc32c(-1, out, at, end);
  // RFC 9260 appendix A: the CRC goes out least significant byte first.
  out[at + CHECKSUM_AT] = crc;
  out[at + CHECKSUM_AT + 1] = crc >>> 8;
  out[at + CHECKSUM_AT + 2] = crc >>> 16;
  out[at + CHECKSUM_AT + 3] = crc >>> 24;
}

/** The checksum field of a received packet, as a signed number. */
export function checksumOf(packet: Uint8Array): number {
  return packet[CHECKSUM_AT]! | (packet[CHECKSUM_AT + 1]! << 8) |
    (packet[CHECKSUM_AT + 2]! << 16) | (packet[CHECKSUM_AT + 3]! << 24);
}

/** CRC32c of a packet, its checksum field taken as zero, as a signed number. */
export function packetChecksum(b: Uint8Array, at: number, end: number): number {
  let crc = updateCrc32c(-1, b, at, at + CHECKSUM_AT);
  crc = updateCrc32c(crc, ZEROS, 0, 4);
  return ~updateCrc32c(crc, b, at + COMMON_HEADER_BYTES, end);
}

/** Verification tag of a packet. */
export function verificationTagOf(packet: Uint8Array): number {
  return readU32(packet, TAG_AT);
}
