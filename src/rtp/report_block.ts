import { readU24, readU32, writeU24, writeU32 } from "../base/mod.ts";

/**
 * What a receiver tells of one source (RFC 3550 §6.4.1).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        SSRC of the source                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | fraction lost |       cumulative number of packets lost       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           extended highest sequence number received           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      interarrival jitter                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                         last SR (LSR)                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                   delay since last SR (DLSR)                  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface ReportBlock {
  /** The source that the block is about. */
  readonly ssrc: number;
  /** Lost of those expected since the last report, in units of 1/256. */
  readonly fractionLost: number;
  /** Expected less received since the beginning: signed, 24 bits. Duplicates make it negative. */
  readonly cumulativeLost: number;
  /** Highest sequence number received, under the count of its wraps in the upper 16 bits. */
  readonly highestSequenceNumber: number;
  /** Interarrival jitter in units of the timestamp. */
  readonly jitter: number;
  /** LSR: middle 32 bits of the NTP time of the last sender report; 0 without one. */
  readonly lastSr: number;
  /** DLSR: from its arrival to this report, units of 2⁻¹⁶ s; 0 without one. */
  readonly delaySinceLastSr: number;
}

/** Length of a report block, bytes. */
export const REPORT_BLOCK_BYTES = 24;

/** The count of packets lost stays at its limits (RFC 3550 appendix A.3). */
const MAX_LOST = 0x7f_ffff;

/** Reads `count` blocks from `bytes[at]` on; the caller has checked that they are there. */
export function parseReportBlocks(bytes: Uint8Array, at: number, count: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let i = 0; i < count; i++, at += REPORT_BLOCK_BYTES) {
    blocks.push({
      ssrc: readU32(bytes, at),
      fractionLost: bytes[at + 4]!,
      cumulativeLost: (readU24(bytes, at + 5) << 8) >> 8,
      highestSequenceNumber: readU32(bytes, at + 8),
      jitter: readU32(bytes, at + 12),
      lastSr: readU32(bytes, at + 16),
      delaySinceLastSr: readU32(bytes, at + 20),
    });
  }
  return blocks;
}

/** Writes the blocks at `out[at]` and returns the offset behind them. */
export function writeReportBlocks(
  blocks: readonly ReportBlock[],
  out: Uint8Array,
  at: number,
): number {
  for (const block of blocks) {
    at = writeU32(out, at, block.ssrc);
    out[at] = block.fractionLost;
    at = writeU24(out, at + 1, Math.max(-MAX_LOST - 1, Math.min(MAX_LOST, block.cumulativeLost)));
    at = writeU32(out, at, block.highestSequenceNumber);
    at = writeU32(out, at, block.jitter);
    at = writeU32(out, at, block.lastSr);
    at = writeU32(out, at, block.delaySinceLastSr);
  }
  return at;
}
