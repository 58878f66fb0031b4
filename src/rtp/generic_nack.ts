import { add16, distance16, readU16, readU32, writeU16 } from "../base/mod.ts";
import { RtpError } from "./errors.ts";
import {
  RTCP_FEEDBACK,
  RTCP_FEEDBACK_HEADER_BYTES,
  RTCP_TYPE,
  writeFeedbackHeader,
} from "./rtcp_header.ts";

/**
 * Generic NACK: packets that were lost (RFC 4585 §6.2.1). Each entry names one and, by a bit mask, some
 * of the 16 behind it.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |            PID                |             BLP               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface GenericNack {
  /** Which packet this is. */
  readonly type: "nack";
  /** Who misses packets. */
  readonly senderSsrc: number;
  /** The stream that they belong to. */
  readonly mediaSsrc: number;
  /**
   * The packets, at least one. In the order of the stream (from the one that was lost first) they take
   * the least room.
   */
  readonly sequenceNumbers: readonly number[];
}

/** Length of an entry, bytes. */
const ENTRY_BYTES = 4;

/** Reads the packet at `bytes[at … end)`; `undefined` without an entry, or when one leaves it. */
export function parseNack(bytes: Uint8Array, at: number, end: number): GenericNack | undefined {
  const entriesAt = at + RTCP_FEEDBACK_HEADER_BYTES;
  if (entriesAt >= end || (end - entriesAt) % ENTRY_BYTES !== 0) return undefined;
  const sequenceNumbers: number[] = [];
  expandNack(bytes, entriesAt, end, sequenceNumbers);
  return {
    type: "nack",
    senderSsrc: readU32(bytes, at + 4),
    mediaSsrc: readU32(bytes, at + 8),
    sequenceNumbers,
  };
}

/** Appends the sequence numbers that the entries at `bytes[at … end)` name to `sequenceNumbers`. */
export function expandNack(
  bytes: Uint8Array,
  at: number,
  end: number,
  sequenceNumbers: number[],
): void {
  for (; at + ENTRY_BYTES <= end; at += ENTRY_BYTES) {
    const pid = readU16(bytes, at);
    sequenceNumbers.push(pid);
    for (let mask = readU16(bytes, at + 2), next = 1; mask !== 0; mask >>>= 1, next++) {
      if ((mask & 1) !== 0) sequenceNumbers.push(add16(pid, next));
    }
  }
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` when no packet is named
 */
export function writeNack(nack: GenericNack, out: Uint8Array, at: number): number {
  const { senderSsrc, mediaSsrc, sequenceNumbers } = nack;
  const count = sequenceNumbers.length;
  if (count === 0) throw new RtpError("invalid-value", "a NACK names no packet");
  let size = RTCP_FEEDBACK_HEADER_BYTES;
  for (let i = 0; i < count; i = entryEnd(sequenceNumbers, i)) size += ENTRY_BYTES;
  const type = RTCP_TYPE.transportFeedback;
  at = writeFeedbackHeader(RTCP_FEEDBACK.nack, type, size, senderSsrc, mediaSsrc, out, at);
  return packNack(sequenceNumbers, out, at);
}

/** Writes the entries that name `sequenceNumbers` at `out[at]` and returns the offset behind them. */
export function packNack(
  sequenceNumbers: readonly number[],
  out: Uint8Array,
  at: number,
): number {
  for (let i = 0; i < sequenceNumbers.length;) {
    const end = entryEnd(sequenceNumbers, i);
    const pid = sequenceNumbers[i]!;
    let mask = 0;
    while (++i < end) {
      const distance = distance16(pid, sequenceNumbers[i]!);
      if (distance > 0) mask |= 1 << (distance - 1);
    }
    at = writeU16(out, writeU16(out, at, pid), mask);
  }
  return at;
}

/** Index behind the last that fits into the entry that begins with the one at `from`. */
function entryEnd(sequenceNumbers: readonly number[], from: number): number {
  const pid = sequenceNumbers[from]!;
  let end = from + 1;
  while (end < sequenceNumbers.length) {
    const distance = distance16(pid, sequenceNumbers[end]!);
    if (distance < 0 || distance > 16) break;
    end++;
  }
  return end;
}
