import { readU24, readU32, writeU24, writeU32 } from "../base/mod.ts";
import { requireRange, RtpError } from "./errors.ts";
import {
  RTCP_FEEDBACK,
  RTCP_FEEDBACK_HEADER_BYTES,
  RTCP_TYPE,
  writeFeedbackHeader,
} from "./rtcp_header.ts";

/**
 * Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 §2.2): application-layer feedback
 * whose media source is unused and 0.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Unique identifier 'R' 'E' 'M' 'B'                            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Num SSRC     | BR Exp    |  BR Mantissa                      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   SSRC feedback                                               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  ...                                                          |
 * ```
 */
export interface ReceiverEstimatedMaximumBitrate {
  /** Which packet this is. */
  readonly type: "remb";
  /** Who estimates. */
  readonly senderSsrc: number;
  /** Bits per second for all streams together. Written with 18 significant bits, rounded down. */
  readonly bitrate: number;
  /** The streams, at most 255. */
  readonly ssrcs: readonly number[];
}

/** 'R' 'E' 'M' 'B'. */
const IDENTIFIER = 0x52454d42;

const FIXED_BYTES = RTCP_FEEDBACK_HEADER_BYTES + 8;
const MANTISSA_LIMIT = 0x4_0000;
const MAX_EXPONENT = 63;

/** Whether application-layer feedback at `bytes[at … end)` is a REMB. */
export function isRemb(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= FIXED_BYTES &&
    readU32(bytes, at + RTCP_FEEDBACK_HEADER_BYTES) === IDENTIFIER;
}

/** Reads the packet at `bytes[at … end)`; `undefined` when it is none, or its streams do not fill it. */
export function parseRemb(
  bytes: Uint8Array,
  at: number,
  end: number,
): ReceiverEstimatedMaximumBitrate | undefined {
  if (!isRemb(bytes, at, end)) return undefined;
  const count = bytes[at + 16]!;
  if (end - at !== FIXED_BYTES + 4 * count) return undefined;
  const value = readU24(bytes, at + 17);
  const ssrcs: number[] = [];
  for (let i = 0; i < count; i++) ssrcs.push(readU32(bytes, at + FIXED_BYTES + 4 * i));
  return {
    type: "remb",
    senderSsrc: readU32(bytes, at + 4),
    bitrate: (value & (MANTISSA_LIMIT - 1)) * 2 ** (value >>> 18),
    ssrcs,
  };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for a rate or streams that do not fit
 */
export function writeRemb(
  remb: ReceiverEstimatedMaximumBitrate,
  out: Uint8Array,
  at: number,
): number {
  const { senderSsrc, ssrcs } = remb;
  requireRange(ssrcs.length, 255, "the number of streams");
  const rate = encodeBitrate(remb.bitrate);
  const size = FIXED_BYTES + 4 * ssrcs.length;
  const type = RTCP_TYPE.payloadFeedback;
  at = writeFeedbackHeader(RTCP_FEEDBACK.applicationLayer, type, size, senderSsrc, 0, out, at);
  at = writeU32(out, at, IDENTIFIER);
  out[at] = ssrcs.length;
  at = writeU24(out, at + 1, rate);
  for (const ssrc of ssrcs) at = writeU32(out, at, ssrc);
  return at;
}

/** Exponent and mantissa: the smallest exponent that leaves 18 bits. */
function encodeBitrate(bitrate: number): number {
  let mantissa = bitrate, exponent = 0;
  while (mantissa >= MANTISSA_LIMIT && exponent <= MAX_EXPONENT) {
    mantissa /= 2;
    exponent++;
  }
  if (!(mantissa >= 0) || exponent > MAX_EXPONENT) {
    throw new RtpError("invalid-value", `a REMB cannot say ${bitrate} bits per second`);
  }
  return (exponent << 18) | Math.floor(mantissa);
}
