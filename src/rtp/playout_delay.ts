import { readU24, writeU24 } from "../base/mod.ts";
import { requireRange } from "./errors.ts";

/**
 * Playout delay, a header extension of WebRTC's experiments: the least and the most that a receiver
 * should delay a frame, in units of 10 ms.
 *
 * ```text
 *  0                   1                   2
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |       MIN delay       |       MAX delay       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface PlayoutDelay {
  /** Milliseconds, 0 … 40 950. */
  readonly minMs: number;
  /** Milliseconds, `minMs` … 40 950. */
  readonly maxMs: number;
}

/** Length of the element's data, bytes. */
export const PLAYOUT_DELAY_BYTES = 3;

const UNIT_MS = 10;
const MAX_UNITS = 0xfff;

/**
 * Reads an element's data of `length` bytes at `bytes[at]`; `undefined` when the length is wrong or the
 * least delay is above the most.
 */
export function readPlayoutDelay(
  bytes: Uint8Array,
  at: number,
  length: number,
): PlayoutDelay | undefined {
  if (length !== PLAYOUT_DELAY_BYTES) return undefined;
  const value = readU24(bytes, at);
  const minMs = UNIT_MS * (value >>> 12), maxMs = UNIT_MS * (value & MAX_UNITS);
  return minMs > maxMs ? undefined : { minMs, maxMs };
}

/**
 * Writes an element's data at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `invalid-value` when a limit is out of range or the least is above the most
 */
export function writePlayoutDelay(delay: PlayoutDelay, out: Uint8Array, at: number): number {
  const max = Math.round(delay.maxMs / UNIT_MS), min = Math.round(delay.minMs / UNIT_MS);
  requireRange(max, MAX_UNITS, "the most delay in units of 10 ms");
  requireRange(min, max, "the least delay in units of 10 ms");
  return writeU24(out, at, (min << 12) | max);
}
