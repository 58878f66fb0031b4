import { readU16, readU32 } from "../base/mod.ts";
import {
  RTP_ELEMENT_COUNT,
  RTP_ELEMENTS,
  RTP_EXTENSION_AT,
  RTP_EXTENSION_LENGTH,
  RTP_EXTENSION_PROFILE,
  RTP_FLAGS,
  RTP_MAX_ELEMENTS,
  RTP_PADDING_LENGTH,
  RTP_PAYLOAD_AT,
  RTP_PAYLOAD_LENGTH,
  RTP_SEQUENCE,
  RTP_SSRC,
  RTP_TIMESTAMP,
} from "./rtp_row.ts";
import { ONE_BYTE_PROFILE, RTP_FIXED_HEADER_BYTES, rtpHeaderLength } from "./rtp_header.ts";

/**
 * Fills the columns from `RTP_FLAGS` on for the RTP packet `bytes[at … end)`; the Rust core has a
 * twin that fills the same columns in the same way. Never throws and allocates nothing.
 *
 * `false`, with the row untouched, for what RFC 3550 appendix A.1 refuses: another version than 2;
 * CSRCs or a header extension that leave the packet; a padding count that is zero, or larger than
 * what is behind the header. (A packet may be all padding: that is how WebRTC probes a path.) Longer
 * than the 65535 bytes of a datagram is refused, too, as offsets of elements have 16 bits.
 *
 * `true` otherwise. Then:
 *
 * - `RTP_FLAGS` … `RTP_PADDING_LENGTH` hold what their names say; offsets count from the beginning of
 *   `bytes`. An empty payload is of length 0 at the end of the header.
 * - Without a header extension (X bit 0), `RTP_EXTENSION_PROFILE`, `RTP_EXTENSION_AT`,
 *   `RTP_EXTENSION_LENGTH` and `RTP_ELEMENT_COUNT` are 0. With an empty one, `RTP_EXTENSION_AT` is
 *   where its data would be, and therefore not 0.
 * - `RTP_ELEMENT_COUNT` counts the elements of RFC 8285's one-byte (profile 0xBEDE) or two-byte form
 *   (profile 0x1000 … 0x100F); of any other profile it is 0. A byte of value 0 where an element might
 *   begin is padding and skipped. Parsing ends, keeping what was found before, at the end of the
 *   extension, at an element that leaves it, and in the one-byte form at identifier 15 and at
 *   identifier 0 with a length above 0 (§4.2, §4.3).
 * - `RTP_ELEMENTS + i` is set for the first min(count, `RTP_MAX_ELEMENTS`) elements; the columns behind
 *   keep what they held.
 *
 * @param row index of the row's first number in `rows`: a multiple of `RTP_COLUMNS`
 *
 * @example
 * ```ts
 * import {
 *   parseRtpRow,
 *   RTP_COLUMNS,
 *   RTP_PAYLOAD_LENGTH,
 *   RTP_SEQUENCE,
 *   writeRtpPacket,
 * } from "@sterna/webrtc/rtp";
 *
 * const bytes = new Uint8Array(64);
 * const payload = new Uint8Array([1, 2, 3]);
 * const fields = { payloadType: 111, sequenceNumber: 7, timestamp: 960, ssrc: 1, payload };
 * const end = writeRtpPacket(fields, bytes, 0);
 *
 * const rows = new Uint32Array(RTP_COLUMNS);
 * console.log(parseRtpRow(bytes, 0, end, rows, 0)); // true
 * console.log(rows[RTP_SEQUENCE], rows[RTP_PAYLOAD_LENGTH]); // 7 3
 * ```
 */
export function parseRtpRow(
  bytes: Uint8Array,
  at: number,
  end: number,
  rows: Uint32Array,
  row: number,
): boolean {
  const headerLength = rtpHeaderLength(bytes, at, end);
  if (headerLength < 0 || end - at > 0xffff) return false;
  const first = bytes[at]!;
  const payloadAt = at + headerLength;
  let padding = 0;
  if ((first & 0x20) !== 0) {
    if (payloadAt === end) return false;
    padding = bytes[end - 1]!;
    if (padding === 0 || padding > end - payloadAt) return false;
  }
  rows[row + RTP_FLAGS] = (first << 8) | bytes[at + 1]!;
  rows[row + RTP_SEQUENCE] = readU16(bytes, at + 2);
  rows[row + RTP_TIMESTAMP] = readU32(bytes, at + 4);
  rows[row + RTP_SSRC] = readU32(bytes, at + 8);
  rows[row + RTP_PAYLOAD_AT] = payloadAt;
  rows[row + RTP_PAYLOAD_LENGTH] = end - payloadAt - padding;
  rows[row + RTP_PADDING_LENGTH] = padding;
  if ((first & 0x10) === 0) {
    rows[row + RTP_EXTENSION_PROFILE] = 0;
    rows[row + RTP_EXTENSION_AT] = 0;
    rows[row + RTP_EXTENSION_LENGTH] = 0;
    rows[row + RTP_ELEMENT_COUNT] = 0;
    return true;
  }
  const dataAt = at + RTP_FIXED_HEADER_BYTES + 4 * (first & 0x0f) + 4;
  const profile = readU16(bytes, dataAt - 4);
  rows[row + RTP_EXTENSION_PROFILE] = profile;
  rows[row + RTP_EXTENSION_AT] = dataAt;
  rows[row + RTP_EXTENSION_LENGTH] = payloadAt - dataAt;
  rows[row + RTP_ELEMENT_COUNT] = profile === ONE_BYTE_PROFILE
    ? listOneByte(bytes, at, dataAt, payloadAt, rows, row + RTP_ELEMENTS)
    : profile >>> 4 === 0x100
    ? listTwoByte(bytes, at, dataAt, payloadAt, rows, row + RTP_ELEMENTS)
    : 0;
  return true;
}

/**
 * RFC 8285 §4.2: the one-byte form. The length is one less than that of the data.
 *
 * ```text
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+
 * |  ID   |  len  |   len + 1 bytes of data follow
 * +-+-+-+-+-+-+-+-+
 * ```
 */
function listOneByte(
  bytes: Uint8Array,
  packetAt: number,
  at: number,
  end: number,
  rows: Uint32Array,
  column: number,
): number {
  let count = 0;
  while (at < end) {
    const head = bytes[at++]!;
    if (head === 0) continue;
    const id = head >>> 4;
    const length = (head & 0x0f) + 1;
    if (id === 0 || id === 15 || at + length > end) break;
    if (count < RTP_MAX_ELEMENTS) {
      rows[column + count] = (id << 24) | (length << 16) | (at - packetAt);
    }
    count++;
    at += length;
  }
  return count;
}

/**
 * RFC 8285 §4.3: the two-byte form.
 *
 * ```text
 *  0                   1
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |       ID      |     length    |   that many bytes of data follow
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
function listTwoByte(
  bytes: Uint8Array,
  packetAt: number,
  at: number,
  end: number,
  rows: Uint32Array,
  column: number,
): number {
  let count = 0;
  while (at < end) {
    const id = bytes[at++]!;
    if (id === 0) continue;
    if (at === end) break;
    const length = bytes[at++]!;
    if (at + length > end) break;
    if (count < RTP_MAX_ELEMENTS) {
      rows[column + count] = (id << 24) | (length << 16) | (at - packetAt);
    }
    count++;
    at += length;
  }
  return count;
}
