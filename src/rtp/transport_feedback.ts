import { add16, add32, readU16, readU32 } from "../base/mod.ts";
import { RtpError } from "./errors.ts";
import { RTCP_FEEDBACK_HEADER_BYTES } from "./rtcp_header.ts";
import { chunkSymbolCount, isRunLength, SYMBOL_RESERVED, symbolOf } from "./status_chunk.ts";
import { TransportFeedbackBuilder } from "./transport_feedback_builder.ts";

/**
 * Transport-wide feedback: which packets arrived, and when
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|  FMT=15 |    PT=205     |           length              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     SSRC of packet sender                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                      SSRC of media source                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      base sequence number     |      packet status count      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                 reference time                | fb pkt. count |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          packet chunk         |         packet chunk          |
 * .                              ...                              .
 * |         packet chunk          |  recv delta   |  recv delta   |
 * .                              ...                              .
 * |           recv delta          |  recv delta   | zero padding  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface TransportFeedback {
  /** Which packet this is. */
  readonly type: "transport-feedback";
  /** Who received the packets. */
  readonly senderSsrc: number;
  /** One of the streams that the packets belong to. */
  readonly mediaSsrc: number;
  /** Transport-wide sequence number of the first packet that the feedback is about. */
  readonly baseSequenceNumber: number;
  /** How many packets from there on it is about, 1 … 65535. Those that are not below were lost. */
  readonly statusCount: number;
  /** The time that the first arrival counts from, in ticks: a multiple of 256 (64 ms). */
  readonly referenceTicks: number;
  /** Counts the feedback packets of this sender, 8 bits. */
  readonly feedbackCount: number;
  /** The packets that arrived, in the order of their sequence numbers. */
  readonly sequenceNumbers: Uint16Array;
  /**
   * When each of them arrived: ticks of 250 µs on a clock of the receiver's, 32 bits that wrap every 12
   * days. Only differences mean something.
   */
  readonly arrivalTicks: Uint32Array;
}

/** Length of a tick, milliseconds. */
export const FEEDBACK_TICK_MS = 0.25;

/** What stands before the chunks, bytes. */
export const TRANSPORT_FEEDBACK_FIXED_BYTES: number = RTCP_FEEDBACK_HEADER_BYTES + 8;

/**
 * Reads the packet at `bytes[at … end)`; `undefined` when it is about no packet, its chunks or its
 * deltas leave it, or a status is the reserved one. What it allocates is bounded by its length.
 */
export function parseTransportFeedback(
  bytes: Uint8Array,
  at: number,
  end: number,
): TransportFeedback | undefined {
  const chunksAt = at + TRANSPORT_FEEDBACK_FIXED_BYTES;
  if (end < chunksAt) return undefined;
  const baseSequenceNumber = readU16(bytes, at + 12);
  const statusCount = readU16(bytes, at + 14);
  // The last 8 of these 32 bits are the count of feedback; without them ticks of 250 µs remain.
  const referenceTicks = (readU32(bytes, at + 16) & 0xffff_ff00) >>> 0;
  const totals = addUp(bytes, chunksAt, end, statusCount);
  if (totals === undefined || totals.deltasAt + totals.deltaBytes > end) return undefined;
  const sequenceNumbers = new Uint16Array(totals.received);
  const arrivalTicks = new Uint32Array(totals.received);
  let ticks = referenceTicks, deltaAt = totals.deltasAt, found = 0;
  for (let chunkAt = chunksAt, index = 0; chunkAt < totals.deltasAt; chunkAt += 2) {
    const chunk = readU16(bytes, chunkAt);
    const count = chunkSymbolCount(chunk, statusCount - index);
    for (let i = 0; i < count; i++) {
      const symbol = symbolOf(chunk, i);
      if (symbol === 0) {
        if (isRunLength(chunk)) break;
        continue;
      }
      const delta = symbol === 1 ? bytes[deltaAt]! : (readU16(bytes, deltaAt) << 16) >> 16;
      deltaAt += symbol;
      ticks = add32(ticks, delta);
      sequenceNumbers[found] = add16(baseSequenceNumber, index + i);
      arrivalTicks[found++] = ticks;
    }
    index += count;
  }
  return {
    type: "transport-feedback",
    senderSsrc: readU32(bytes, at + 4),
    mediaSsrc: readU32(bytes, at + 8),
    baseSequenceNumber,
    statusCount,
    referenceTicks,
    feedbackCount: bytes[at + 19]!,
    sequenceNumbers,
    arrivalTicks,
  };
}

interface Totals {
  /** Behind the last chunk. */
  readonly deltasAt: number;
  readonly deltaBytes: number;
  readonly received: number;
}

/** What the chunks announce; `undefined` when they end early or use the reserved status. */
function addUp(
  bytes: Uint8Array,
  chunkAt: number,
  end: number,
  statusCount: number,
): Totals | undefined {
  if (statusCount === 0) return undefined;
  let deltaBytes = 0, received = 0;
  for (let index = 0; index < statusCount; chunkAt += 2) {
    if (chunkAt + 2 > end) return undefined;
    const chunk = readU16(bytes, chunkAt);
    const count = chunkSymbolCount(chunk, statusCount - index);
    const step = isRunLength(chunk) ? Math.max(1, count) : 1;
    for (let i = 0; i < count; i += step) {
      const symbol = symbolOf(chunk, i);
      if (symbol === SYMBOL_RESERVED) return undefined;
      // A symbol is the length of its delta.
      deltaBytes += symbol * step;
      if (symbol !== 0) received += step;
    }
    index += count;
  }
  return { deltasAt: chunkAt, deltaBytes, received };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it. Receivers use a
 * {@linkcode TransportFeedbackBuilder}, which tells what fits.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` when the packets are not in order, or more
 * than 8 s lie between two of them
 */
export function writeTransportFeedback(
  feedback: TransportFeedback,
  out: Uint8Array,
  at: number,
): number {
  const { sequenceNumbers, arrivalTicks, baseSequenceNumber } = feedback;
  const builder = new TransportFeedbackBuilder(0x4_0000);
  builder.begin(baseSequenceNumber, feedback.referenceTicks);
  for (let i = 0; i < sequenceNumbers.length; i++) {
    if (!builder.add(sequenceNumbers[i]!, arrivalTicks[i]!)) {
      throw new RtpError("invalid-value", `feedback cannot speak of packet ${sequenceNumbers[i]}`);
    }
  }
  if (!builder.cover(feedback.statusCount)) {
    throw new RtpError("invalid-value", `feedback cannot cover ${feedback.statusCount} packets`);
  }
  const { senderSsrc, mediaSsrc, feedbackCount } = feedback;
  return builder.write(senderSsrc, mediaSsrc, feedbackCount, out, at);
}
