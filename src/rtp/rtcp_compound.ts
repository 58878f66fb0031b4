import { readU16 } from "../base/mod.ts";
import { isRtcp, RTCP_FEEDBACK, RTCP_HEADER_BYTES, RTCP_TYPE } from "./rtcp_header.ts";

/** Why a datagram is no compound RTCP packet, or no reduced-size one. */
export type RtcpProblem =
  /** A packet's length leaves the datagram, or bytes behind the last packet are no packet. */
  | "length"
  /** A packet is not of version 2. */
  | "version"
  /** The first packet is neither SR nor RR, or with reduced size no RTCP at all. */
  | "first-packet"
  /** A packet before the last is padded, or a count of padding leaves its packet. */
  | "padding";

/**
 * Checks the frames of a compound packet `bytes[at … end)` (RFC 3550 §6.1 and appendix A.2): version 2
 * throughout; lengths that add up; SR or RR first, unless reduced size was negotiated (RFC 5506 §3.4.2);
 * padding in the last packet only. Transport-wide feedback may be padded anywhere, as libwebrtc does so
 * with some of its own behind it. A count of padding need not be a multiple of four, for the same
 * reason. `undefined`: nothing is wrong.
 */
export function rtcpProblem(
  bytes: Uint8Array,
  at: number,
  end: number,
  reducedSize: boolean,
): RtcpProblem | undefined {
  if (end - at < RTCP_HEADER_BYTES) return "length";
  if (bytes[at]! >>> 6 !== 2) return "version";
  if (!mayBeFirst(bytes, at, reducedSize)) return "first-packet";
  while (at < end) {
    if (end - at < RTCP_HEADER_BYTES) return "length";
    if (bytes[at]! >>> 6 !== 2) return "version";
    const next = at + rtcpPacketLength(bytes, at);
    if (next > end) return "length";
    if (isPadded(bytes, at)) {
      if (next !== end && !isTransportWideFeedback(bytes, at)) return "padding";
      const padding = bytes[next - 1]!;
      if (padding === 0 || padding > next - at - RTCP_HEADER_BYTES) return "padding";
    }
    at = next;
  }
  return undefined;
}

function mayBeFirst(bytes: Uint8Array, at: number, reducedSize: boolean): boolean {
  const type = bytes[at + 1]!;
  return reducedSize
    ? isRtcp(bytes, at)
    : type === RTCP_TYPE.senderReport || type === RTCP_TYPE.receiverReport;
}

/** Length of the packet whose header is at `bytes[at]`, padding included, bytes. */
export function rtcpPacketLength(bytes: Uint8Array, at: number): number {
  return 4 * (readU16(bytes, at + 2) + 1);
}

/** Whether the packet at `bytes[at]` has its P bit set. */
export function isPadded(bytes: Uint8Array, at: number): boolean {
  return (bytes[at]! & 0x20) !== 0;
}

function isTransportWideFeedback(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === RTCP_TYPE.transportFeedback &&
    (bytes[at]! & 0x1f) === RTCP_FEEDBACK.transportWide;
}
