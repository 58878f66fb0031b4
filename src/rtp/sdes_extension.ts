/**
 * SDES items in header extensions (RFC 7941 §4): the data is the item's UTF-8 text, nothing else. MID
 * (RFC 9143 §15.2), RtpStreamId and RepairedRtpStreamId (RFC 8852 §4).
 */
import { utf8DecodeStrict, utf8Encode, writeBytes } from "../base/mod.ts";
import { requireRange, RtpError } from "./errors.ts";

/** RFC 7941 §4.1.2: the longest text that an element holds, bytes; 16 in the one-byte form. */
const MAX_SDES_BYTES = 255;

/** RFC 8852 §3: letters and digits; RFC 8851 §10 allows no others. */
const RTP_STREAM_ID = /^[A-Za-z0-9]+$/;

/**
 * Reads an item such as MID from an element's data of `length` bytes at `bytes[at]`; `undefined` when
 * it is empty or not well-formed UTF-8. Makes a string: on the packet path compare with
 * {@linkcode sdesItemEquals} instead.
 */
export function readSdesItem(bytes: Uint8Array, at: number, length: number): string | undefined {
  return length === 0 ? undefined : utf8DecodeStrict(bytes.subarray(at, at + length));
}

/** Reads RtpStreamId or RepairedRtpStreamId; `undefined` when it is not letters and digits. */
export function readRtpStreamId(bytes: Uint8Array, at: number, length: number): string | undefined {
  const id = readSdesItem(bytes, at, length);
  return id !== undefined && RTP_STREAM_ID.test(id) ? id : undefined;
}

/** Whether an element's data of `length` bytes at `bytes[at]` is `item`: no allocation. */
export function sdesItemEquals(
  bytes: Uint8Array,
  at: number,
  length: number,
  item: Uint8Array,
): boolean {
  if (length !== item.length) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== item[i]) return false;
  return true;
}

/**
 * Writes an item such as MID at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `invalid-value` when it is empty or longer than 255 bytes
 */
export function writeSdesItem(item: string, out: Uint8Array, at: number): number {
  const text = utf8Encode(item);
  if (text.length === 0) throw new RtpError("invalid-value", "an SDES item is empty");
  requireRange(text.length, MAX_SDES_BYTES, "the length of an SDES item");
  return writeBytes(out, at, text);
}
