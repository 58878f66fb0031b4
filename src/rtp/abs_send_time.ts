/**
 * Absolute send time, a header extension of WebRTC's experiments: the sender's clock in seconds as a
 * 24-bit fixed-point number with 18 bits behind the point. It wraps every 64 s.
 *
 * ```text
 *  0                   1                   2
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  seconds  |        fractions of 2^-18 s       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { distance32, readU24, writeU24 } from "../base/mod.ts";

/** Length of the element's data, bytes. */
export const ABS_SEND_TIME_BYTES = 3;

/** Units of 2⁻¹⁸ s in a millisecond. */
const UNITS_PER_MS = 262.144;

/** The 24 bits of a clock that shows `ms` milliseconds; only differences mean something. */
export function absSendTimeOfMs(ms: number): number {
  return Math.floor(ms * UNITS_PER_MS) % 0x100_0000;
}

/** Milliseconds from `earlier` to `later` on the circle of 64 s: −32 000 … 32 000. */
export function absSendTimeDistanceMs(earlier: number, later: number): number {
  return (distance32(earlier << 8, later << 8) >> 8) / UNITS_PER_MS;
}

/** Reads an element's data of `length` bytes at `bytes[at]`; −1 when the length is wrong. */
export function readAbsSendTime(bytes: Uint8Array, at: number, length: number): number {
  return length === ABS_SEND_TIME_BYTES ? readU24(bytes, at) : -1;
}

/** Writes an element's data at `out[at]` and returns the offset behind it. */
export function writeAbsSendTime(time: number, out: Uint8Array, at: number): number {
  return writeU24(out, at, time);
}
