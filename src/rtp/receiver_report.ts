import { readU32, writeU32 } from "../base/mod.ts";
import {
  parseReportBlocks,
  REPORT_BLOCK_BYTES,
  type ReportBlock,
  writeReportBlocks,
} from "./report_block.ts";
import { RTCP_TYPE, writeRtcpHeader } from "./rtcp_header.ts";

/**
 * Receiver report (RFC 3550 §6.4.2); profile-specific extensions behind its blocks are ignored.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|    RC   |   PT=RR=201   |             length            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     SSRC of packet sender                     |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |                         report blocks                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface ReceiverReport {
  /** Which packet this is. */
  readonly type: "receiver-report";
  /** Who reports. */
  readonly ssrc: number;
  /** What was received, at most 31. */
  readonly reports: readonly ReportBlock[];
}

const FIXED_BYTES = 8;

/** Reads the packet at `bytes[at … end)`; `undefined` when its blocks leave it. */
export function parseReceiverReport(
  bytes: Uint8Array,
  at: number,
  end: number,
): ReceiverReport | undefined {
  const count = bytes[at]! & 0x1f;
  if (end - at < FIXED_BYTES + count * REPORT_BLOCK_BYTES) return undefined;
  return {
    type: "receiver-report",
    ssrc: readU32(bytes, at + 4),
    reports: parseReportBlocks(bytes, at + FIXED_BYTES, count),
  };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for more than 31 blocks
 */
export function writeReceiverReport(report: ReceiverReport, out: Uint8Array, at: number): number {
  const count = report.reports.length;
  const size = FIXED_BYTES + count * REPORT_BLOCK_BYTES;
  at = writeRtcpHeader(count, RTCP_TYPE.receiverReport, size, out, at);
  return writeReportBlocks(report.reports, out, writeU32(out, at, report.ssrc));
}
