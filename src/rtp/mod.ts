/** Floor 2: RTP. @module */
export * from "./rtp_row.ts";
