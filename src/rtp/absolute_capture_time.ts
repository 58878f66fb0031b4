import { readU32, writeU32 } from "../base/mod.ts";
import type { NtpTime } from "./ntp_time.ts";

/**
 * Absolute capture time, a header extension of WebRTC's experiments: when the first frame of the packet
 * was captured, and what the sender knows of the clock that says so.
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |            absolute capture timestamp: seconds                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |            absolute capture timestamp: 2^-32 s                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    estimated capture clock offset: seconds, signed (optional) |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    estimated capture clock offset: 2^-32 s                    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface AbsoluteCaptureTime {
  /** When the frame was captured, by the capturer's NTP clock. */
  readonly timestamp: NtpTime;
  /**
   * What to add to the timestamp to get the sender's NTP clock: signed, as two's complement of 64 bits.
   * `undefined` when the sender does not say.
   */
  readonly clockOffset: NtpTime | undefined;
}

const SHORT_BYTES = 8;

/** Length of the element's data with the clock's offset, bytes; 8 without. */
export const ABSOLUTE_CAPTURE_TIME_BYTES = 16;

/** Reads an element's data of `length` bytes at `bytes[at]`; `undefined` when the length is wrong. */
export function readAbsoluteCaptureTime(
  bytes: Uint8Array,
  at: number,
  length: number,
): AbsoluteCaptureTime | undefined {
  if (length !== SHORT_BYTES && length !== ABSOLUTE_CAPTURE_TIME_BYTES) return undefined;
  return {
    timestamp: { seconds: readU32(bytes, at), fraction: readU32(bytes, at + 4) },
    clockOffset: length === SHORT_BYTES
      ? undefined
      : { seconds: readU32(bytes, at + 8), fraction: readU32(bytes, at + 12) },
  };
}

/** Writes an element's data at `out[at]` and returns the offset behind it. */
export function writeAbsoluteCaptureTime(
  time: AbsoluteCaptureTime,
  out: Uint8Array,
  at: number,
): number {
  at = writeU32(out, writeU32(out, at, time.timestamp.seconds), time.timestamp.fraction);
  if (time.clockOffset === undefined) return at;
  return writeU32(out, writeU32(out, at, time.clockOffset.seconds), time.clockOffset.fraction);
}
