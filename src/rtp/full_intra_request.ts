import { readU32, writeU32 } from "../base/mod.ts";
import { RtpError } from "./errors.ts";
import {
  RTCP_FEEDBACK,
  RTCP_FEEDBACK_HEADER_BYTES,
  RTCP_TYPE,
  writeFeedbackHeader,
} from "./rtcp_header.ts";

/** Which stream is to send an intra picture (RFC 5104 §4.3.1.1). */
export interface FullIntraRequestEntry {
  /** The stream. */
  readonly ssrc: number;
  /** Counts the requests of this sender to that stream, 8 bits; a repetition has the same number. */
  readonly commandSequence: number;
}

/**
 * Full intra request (RFC 5104 §4.3.1.1). The media source of its header is unused and 0.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                              SSRC                             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    Seq nr.    |    Reserved                                   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface FullIntraRequest {
  /** Which packet this is. */
  readonly type: "fir";
  /** Who asks. */
  readonly senderSsrc: number;
  /** At least one. */
  readonly entries: readonly FullIntraRequestEntry[];
}

const ENTRY_BYTES = 8;

/** Reads the packet at `bytes[at … end)`; `undefined` without an entry, or when one leaves it. */
export function parseFullIntraRequest(
  bytes: Uint8Array,
  at: number,
  end: number,
): FullIntraRequest | undefined {
  const entriesAt = at + RTCP_FEEDBACK_HEADER_BYTES;
  if (entriesAt >= end || (end - entriesAt) % ENTRY_BYTES !== 0) return undefined;
  const entries: FullIntraRequestEntry[] = [];
  for (let entryAt = entriesAt; entryAt < end; entryAt += ENTRY_BYTES) {
    entries.push({ ssrc: readU32(bytes, entryAt), commandSequence: bytes[entryAt + 4]! });
  }
  return { type: "fir", senderSsrc: readU32(bytes, at + 4), entries };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` without an entry
 */
export function writeFullIntraRequest(fir: FullIntraRequest, out: Uint8Array, at: number): number {
  const { senderSsrc, entries } = fir;
  if (entries.length === 0) throw new RtpError("invalid-value", "a FIR names no stream");
  const size = RTCP_FEEDBACK_HEADER_BYTES + ENTRY_BYTES * entries.length;
  const type = RTCP_TYPE.payloadFeedback;
  at = writeFeedbackHeader(RTCP_FEEDBACK.fullIntraRequest, type, size, senderSsrc, 0, out, at);
  for (const { ssrc, commandSequence } of entries) {
    at = writeU32(out, at, ssrc);
    at = writeU32(out, at, commandSequence << 24);
  }
  return at;
}
