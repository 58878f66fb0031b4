/**
 * RTP and RTCP: packets, header extensions and feedback as views over bytes (RFC 3550, 8285, 4585 and
 * what WebRTC adds). No I/O, no state: bytes in, bytes out.
 *
 * @module
 */
export * from "./parse_rtp_row.ts";
export * from "./rtp_header.ts";
export * from "./rtp_row.ts";
