import { readU32, writeU32 } from "../base/mod.ts";
import type { NtpTime } from "./ntp_time.ts";
import {
  parseReportBlocks,
  REPORT_BLOCK_BYTES,
  type ReportBlock,
  writeReportBlocks,
} from "./report_block.ts";
import { RTCP_TYPE, writeRtcpHeader } from "./rtcp_header.ts";

/**
 * Sender report (RFC 3550 §6.4.1); profile-specific extensions behind its blocks are ignored.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|    RC   |   PT=SR=200   |             length            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         SSRC of sender                        |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |              NTP timestamp, most significant word             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |             NTP timestamp, least significant word             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         RTP timestamp                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     sender's packet count                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      sender's octet count                     |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |                         report blocks                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface SenderReport {
  /** Which packet this is. */
  readonly type: "sender-report";
  /** The sender. */
  readonly ssrc: number;
  /** When the report was sent. */
  readonly ntpTime: NtpTime;
  /** The same instant in units of the stream's timestamps. */
  readonly rtpTimestamp: number;
  /** Packets sent since the beginning, 32 bits. */
  readonly packetCount: number;
  /** Bytes of payload sent since the beginning, 32 bits. */
  readonly octetCount: number;
  /** What the sender received from others, at most 31. */
  readonly reports: readonly ReportBlock[];
}

const FIXED_BYTES = 28;

/** Reads the packet at `bytes[at … end)`; `undefined` when its blocks leave it. */
export function parseSenderReport(
  bytes: Uint8Array,
  at: number,
  end: number,
): SenderReport | undefined {
  const count = bytes[at]! & 0x1f;
  if (end - at < FIXED_BYTES + count * REPORT_BLOCK_BYTES) return undefined;
  return {
    type: "sender-report",
    ssrc: readU32(bytes, at + 4),
    ntpTime: { seconds: readU32(bytes, at + 8), fraction: readU32(bytes, at + 12) },
    rtpTimestamp: readU32(bytes, at + 16),
    packetCount: readU32(bytes, at + 20),
    octetCount: readU32(bytes, at + 24),
    reports: parseReportBlocks(bytes, at + FIXED_BYTES, count),
  };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for more than 31 blocks
 */
export function writeSenderReport(report: SenderReport, out: Uint8Array, at: number): number {
  const count = report.reports.length;
  const size = FIXED_BYTES + count * REPORT_BLOCK_BYTES;
  at = writeRtcpHeader(count, RTCP_TYPE.senderReport, size, out, at);
  at = writeU32(out, at, report.ssrc);
  at = writeU32(out, at, report.ntpTime.seconds);
  at = writeU32(out, at, report.ntpTime.fraction);
  at = writeU32(out, at, report.rtpTimestamp);
  at = writeU32(out, at, report.packetCount);
  at = writeU32(out, at, report.octetCount);
  return writeReportBlocks(report.reports, out, at);
}
