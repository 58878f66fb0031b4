/**
 * How loud audio is, without decoding it: of the sender (RFC 6464 §3) and of each contributing source
 * of a mixer (RFC 6465 §4). A level is −dBov: 0 is the loudest, 127 is silence.
 *
 * ```text
 *  0 1 2 3 4 5 6 7            0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+          +-+-+-+-+-+-+-+-+
 * |V|    level    |          |0|    level    |   one for each CSRC
 * +-+-+-+-+-+-+-+-+          +-+-+-+-+-+-+-+-+
 *  client to mixer            mixer to client
 * ```
 */
import { requireRange } from "./errors.ts";

/** RFC 6464 §3: length of the element's data, bytes. */
export const AUDIO_LEVEL_BYTES = 1;

/** The level of digital silence, −dBov. */
export const AUDIO_LEVEL_SILENCE = 127;

/**
 * Reads the client's level, −dBov, from an element's data of `length` bytes at `bytes[at]`; −1 when
 * the length is wrong.
 */
export function readAudioLevel(bytes: Uint8Array, at: number, length: number): number {
  return length === AUDIO_LEVEL_BYTES ? bytes[at]! & 0x7f : -1;
}

/** Whether the sender believes that the audio contains voice (RFC 6464 §3: the V bit). */
export function readVoiceActivity(bytes: Uint8Array, at: number, length: number): boolean {
  return length === AUDIO_LEVEL_BYTES && (bytes[at]! & 0x80) !== 0;
}

/**
 * Writes the client's level at `out[at]` and returns the offset behind it.
 *
 * @param level −dBov, 0 … 127
 * @throws {RtpError} `invalid-value`
 */
export function writeAudioLevel(
  level: number,
  voice: boolean,
  out: Uint8Array,
  at: number,
): number {
  requireRange(level, AUDIO_LEVEL_SILENCE, "the audio level");
  out[at] = (voice ? 0x80 : 0) | level;
  return at + 1;
}

/**
 * Reads the level, −dBov, of the contributing source number `index` of the packet from an element's
 * data of `length` bytes at `bytes[at]`; −1 when it is not there.
 */
export function readCsrcAudioLevel(
  bytes: Uint8Array,
  at: number,
  length: number,
  index: number,
): number {
  return index < length ? bytes[at + index]! & 0x7f : -1;
}

/**
 * Writes one level for each contributing source at `out[at]` and returns the offset behind them.
 *
 * @param levels −dBov, 0 … 127, in the order of the CSRCs
 * @throws {RtpError} `invalid-value`
 */
export function writeCsrcAudioLevels(
  levels: readonly number[],
  out: Uint8Array,
  at: number,
): number {
  for (const level of levels) {
    requireRange(level, AUDIO_LEVEL_SILENCE, "the audio level");
    out[at++] = level;
  }
  return at;
}
