import { writeBytes } from "../base/mod.ts";
import { RTCP_HEADER_BYTES, writeRtcpHeader } from "./rtcp_header.ts";

/**
 * A packet of a type, or feedback of a kind, that this layer does not know: slice loss indications,
 * extended reports. It can be written as it was read.
 */
export interface UnknownRtcpPacket {
  /** Which packet this is. */
  readonly type: "unknown";
  /** Its type, 0 … 255. */
  readonly packetType: number;
  /** The five bits behind P. */
  readonly count: number;
  /** What is behind the first four bytes, without padding: whole words. When read, a view. */
  readonly body: Uint8Array;
}

/** Takes the packet at `bytes[at … end)` as it is; `undefined` when its body is not whole words. */
export function parseUnknownRtcp(
  bytes: Uint8Array,
  at: number,
  end: number,
): UnknownRtcpPacket | undefined {
  if (end - at < RTCP_HEADER_BYTES || (end - at) % 4 !== 0) return undefined;
  return {
    type: "unknown",
    packetType: bytes[at + 1]!,
    count: bytes[at]! & 0x1f,
    body: bytes.subarray(at + RTCP_HEADER_BYTES, end),
  };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for what a field cannot hold
 */
export function writeUnknownRtcp(packet: UnknownRtcpPacket, out: Uint8Array, at: number): number {
  const { packetType, count, body } = packet;
  const size = RTCP_HEADER_BYTES + body.length;
  return writeBytes(out, writeRtcpHeader(count, packetType, size, out, at), body);
}
