/**
 * Retransmission in a stream of its own (RFC 4588 §4): the payload of the original packet behind its
 * original sequence number.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                 RTP header of the stream of retransmissions   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |              OSN              |                               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               |
 * |                  original RTP packet payload                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { readU16, writeU16, writeU32 } from "../base/mod.ts";
import { requireRoom } from "./errors.ts";
import type { RtpPacket } from "./rtp_packet.ts";

/** RFC 4588 §4: length of the original sequence number, bytes. */
export const RTX_HEADER_BYTES = 2;

/**
 * Writes the retransmission of `original` at `out[at]` and returns the offset behind it: its header
 * with CSRCs and extension, the original sequence number, its payload without padding. `out` must not
 * overlap the original.
 *
 * @param payloadType of the stream of retransmissions
 * @param ssrc of the stream of retransmissions
 * @param sequenceNumber in the stream of retransmissions
 * @throws {RtpError} `buffer-too-small`
 */
export function writeRtxPacket(
  original: RtpPacket,
  payloadType: number,
  ssrc: number,
  sequenceNumber: number,
  out: Uint8Array,
  at: number,
): number {
  const headerLength = original.payloadAt - original.at;
  requireRoom(out, at, headerLength + RTX_HEADER_BYTES + original.payloadLength);
  const osnAt = copyHeader(original, payloadType, ssrc, sequenceNumber, out, at);
  return copyPayload(original, 0, out, writeU16(out, osnAt, original.sequenceNumber));
}

/** The sequence number of the packet that `retransmission` repeats, or −1 when it repeats none. */
export function rtxOriginalSequenceNumber(retransmission: RtpPacket): number {
  return retransmission.payloadLength < RTX_HEADER_BYTES
    ? -1
    : readU16(retransmission.bytes, retransmission.payloadAt);
}

/**
 * Writes the packet that `retransmission` repeats at `out[at]` and returns the offset behind it, or
 * `at` when it repeats none (probes of padding only). `out` may be the bytes of the retransmission, at
 * the same offset.
 *
 * @param payloadType of the original stream: what "apt" says of the retransmission's (RFC 4588 §8.6)
 * @param ssrc of the original stream
 * @throws {RtpError} `buffer-too-small`
 */
export function writeRtxOriginal(
  retransmission: RtpPacket,
  payloadType: number,
  ssrc: number,
  out: Uint8Array,
  at: number,
): number {
  const sequenceNumber = rtxOriginalSequenceNumber(retransmission);
  if (sequenceNumber < 0) return at;
  const headerLength = retransmission.payloadAt - retransmission.at;
  requireRoom(out, at, headerLength + retransmission.payloadLength - RTX_HEADER_BYTES);
  const payloadAt = copyHeader(retransmission, payloadType, ssrc, sequenceNumber, out, at);
  return copyPayload(retransmission, RTX_HEADER_BYTES, out, payloadAt);
}

/** The header without its P bit, as padding is not copied. */
function copyHeader(
  from: RtpPacket,
  payloadType: number,
  ssrc: number,
  sequenceNumber: number,
  out: Uint8Array,
  at: number,
): number {
  const { bytes, at: start, payloadAt, marker } = from;
  for (let i = start; i < payloadAt; i++) out[at + i - start] = bytes[i]!;
  out[at]! &= 0xdf;
  out[at + 1] = (marker ? 0x80 : 0) | (payloadType & 0x7f);
  writeU16(out, at + 2, sequenceNumber);
  writeU32(out, at + 8, ssrc);
  return at + payloadAt - start;
}

function copyPayload(from: RtpPacket, skip: number, out: Uint8Array, at: number): number {
  const { bytes, payloadAt, payloadLength } = from;
  if (out.buffer === bytes.buffer) {
    const start = bytes.byteOffset - out.byteOffset + payloadAt;
    out.copyWithin(at, start + skip, start + payloadLength);
  } else out.set(bytes.subarray(payloadAt + skip, payloadAt + payloadLength), at);
  return at + payloadLength - skip;
}
