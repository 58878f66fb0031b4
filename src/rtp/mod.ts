/**
 * RTP and RTCP: packets, header extensions and feedback as views over bytes (RFC 3550, 8285, 4585 and
 * what WebRTC adds). No I/O, no state: bytes in, bytes out.
 *
 * @module
 */
export { SternaError } from "../base/mod.ts";
export * from "./abs_send_time.ts";
export * from "./absolute_capture_time.ts";
export * from "./audio_level.ts";
export { RtpError, type RtpErrorCode } from "./errors.ts";
export * from "./header_extension_uris.ts";
export * from "./ntp_time.ts";
export * from "./parse_rtp_row.ts";
export * from "./playout_delay.ts";
export * from "./rtp_header.ts";
export * from "./rtp_packet.ts";
export * from "./rtp_row.ts";
export * from "./rtx.ts";
export * from "./sdes_extension.ts";
export * from "./transport_sequence_number.ts";
export * from "./video_orientation.ts";
export * from "./write_rtp_packet.ts";
