/**
 * The header that all RTCP packets begin with (RFC 3550 §6.4), and that of feedback (RFC 4585 §6.1).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|  count  |      PT       |      length in words - 1      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     SSRC of packet sender                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     SSRC of media source                      |   feedback only
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { writeU16, writeU32 } from "../base/mod.ts";
import { requireRange, requireRoom, RtpError } from "./errors.ts";

/** Types of RTCP packets that this layer can read. */
export const RTCP_TYPE = {
  /** RFC 3550 §6.4.1: sender report. */
  senderReport: 200,
  /** RFC 3550 §6.4.2: receiver report. */
  receiverReport: 201,
  /** RFC 3550 §6.5: source description. */
  sourceDescription: 202,
  /** RFC 3550 §6.6: goodbye. */
  goodbye: 203,
  /** RFC 3550 §6.7: application-defined. */
  app: 204,
  /** RFC 4585 §6.1: feedback of the transport layer. */
  transportFeedback: 205,
  /** RFC 4585 §6.1: feedback about payloads. */
  payloadFeedback: 206,
} as const;

/** Kinds of feedback: the count of `transportFeedback` and `payloadFeedback`. */
export const RTCP_FEEDBACK = {
  /** RFC 4585 §6.2.1, transport layer: generic NACK. */
  nack: 1,
  /** draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, transport layer. */
  transportWide: 15,
  /** RFC 4585 §6.3.1, payload: picture loss indication. */
  pictureLossIndication: 1,
  /** RFC 5104 §4.3.1, payload: full intra request. */
  fullIntraRequest: 4,
  /** RFC 4585 §6.4, payload: application layer, among them REMB. */
  applicationLayer: 15,
} as const;

/** Length of the header, bytes. */
export const RTCP_HEADER_BYTES = 4;

/** RFC 4585 §6.1: length of the header of feedback, bytes. */
export const RTCP_FEEDBACK_HEADER_BYTES = 12;

/**
 * Whether a packet that shares its port with RTP is RTCP: the second byte is 192 … 223, which RTP does
 * not use as marker and payload type (RFC 5761 §4).
 */
export function isRtcp(bytes: Uint8Array, at = 0): boolean {
  return bytes[at + 1]! >>> 5 === 6;
}

/** Writes a header of a packet of `length` bytes, all of which fit in, at `out[at]`. */
export function writeRtcpHeader(
  count: number,
  packetType: number,
  length: number,
  out: Uint8Array,
  at: number,
): number {
  requireRange(count, 31, "the count of an RTCP packet");
  requireRange(packetType, 255, "the type of an RTCP packet");
  if (length % 4 !== 0 || length > 0x4_0000) {
    throw new RtpError("invalid-value", `an RTCP packet cannot have ${length} bytes`);
  }
  requireRoom(out, at, length);
  out[at] = 0x80 | count;
  out[at + 1] = packetType;
  return writeU16(out, at + 2, length / 4 - 1);
}

/** Writes the header of feedback of `length` bytes, all of which fit in, at `out[at]`. */
export function writeFeedbackHeader(
  format: number,
  packetType: number,
  length: number,
  senderSsrc: number,
  mediaSsrc: number,
  out: Uint8Array,
  at: number,
): number {
  at = writeRtcpHeader(format, packetType, length, out, at);
  return writeU32(out, writeU32(out, at, senderSsrc), mediaSsrc);
}
