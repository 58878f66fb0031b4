/**
 * The fixed header of RTP (RFC 3550 §5.1) and the frame of its header extension (§5.3.1).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           timestamp                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           synchronization source (SSRC) identifier            |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |            contributing source (CSRC) identifiers (CC)        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      defined by profile       |        length (words)         |   when X is set
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                   header extension's data                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { readU16, readU32 } from "../base/mod.ts";

/** RFC 3550 §5.1: the header without CSRCs and extension, bytes. */
export const RTP_FIXED_HEADER_BYTES = 12;

/** RFC 8285 §4.2: "defined by profile" of the one-byte form. */
export const ONE_BYTE_PROFILE = 0xbede;

/** RFC 8285 §4.3: "defined by profile" of the two-byte form; its lower four bits may vary. */
export const TWO_BYTE_PROFILE = 0x1000;

/**
 * Length of the header of the RTP packet `bytes[at … end)` with its CSRCs and its extension: where the
 * payload begins, counted from `at`. −1 when the version is not 2 or the header leaves the packet
 * (RFC 3550 appendix A.1). Looks at nothing that SRTP encrypts, unless Cryptex does (RFC 9335).
 */
export function rtpHeaderLength(bytes: Uint8Array, at: number, end: number): number {
  const room = end - at;
  if (room < RTP_FIXED_HEADER_BYTES) return -1;
  const first = bytes[at]!;
  if (first >>> 6 !== 2) return -1;
  let length = RTP_FIXED_HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (length + 4 > room) return -1;
    length += 4 + 4 * readU16(bytes, at + length + 2);
  }
  return length > room ? -1 : length;
}

/** The sequence number of the packet that begins at `bytes[at]`; 12 bytes of it are there. */
export function rtpSequenceNumber(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at + 2);
}

/** The synchronization source of the packet that begins at `bytes[at]`; 12 bytes of it are there. */
export function rtpSsrc(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 8);
}
