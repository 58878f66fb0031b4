/**
 * RTP and RTCP: packets, header extensions and feedback as views over bytes (RFC 3550, 8285, 4585 and
 * what WebRTC adds). No I/O, no state: bytes in, bytes out.
 *
 * @module
 */
export { SternaError } from "../base/mod.ts";
export * from "./abs_send_time.ts";
export * from "./absolute_capture_time.ts";
export * from "./app_packet.ts";
export * from "./audio_level.ts";
export { RtpError, type RtpErrorCode } from "./errors.ts";
export * from "./full_intra_request.ts";
export * from "./generic_nack.ts";
export * from "./goodbye.ts";
export * from "./header_extension_uris.ts";
export * from "./ntp_time.ts";
export * from "./parse_rtp_row.ts";
export * from "./picture_loss_indication.ts";
export * from "./playout_delay.ts";
export * from "./receiver_report.ts";
export { parseRemb, type ReceiverEstimatedMaximumBitrate, writeRemb } from "./remb.ts";
export type { ReportBlock } from "./report_block.ts";
export { type RtcpProblem, rtcpProblem } from "./rtcp_compound.ts";
export { isRtcp, RTCP_FEEDBACK, RTCP_TYPE } from "./rtcp_header.ts";
export * from "./rtcp_packet.ts";
export * from "./rtcp_reader.ts";
export * from "./rtp_header.ts";
export * from "./rtp_packet.ts";
export * from "./rtp_row.ts";
export * from "./rtx.ts";
export * from "./sdes_extension.ts";
export * from "./sender_report.ts";
export * from "./source_description.ts";
export {
  FEEDBACK_TICK_MS,
  parseTransportFeedback,
  type TransportFeedback,
  writeTransportFeedback,
} from "./transport_feedback.ts";
export * from "./transport_feedback_builder.ts";
export * from "./transport_sequence_number.ts";
export type { UnknownRtcpPacket } from "./unknown_rtcp.ts";
export * from "./video_orientation.ts";
export * from "./write_rtp_packet.ts";
