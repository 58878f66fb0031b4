import { readU32, writeBytes, writeU32 } from "../base/mod.ts";
import { RtpError } from "./errors.ts";
import { RTCP_TYPE, writeRtcpHeader } from "./rtcp_header.ts";

/**
 * Application-defined packet (RFC 3550 §6.7).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P| subtype |   PT=APP=204  |             length            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           SSRC/CSRC                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          name (ASCII)                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                   application-dependent data                ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface AppPacket {
  /** Which packet this is. */
  readonly type: "app";
  /** 0 … 31. */
  readonly subtype: number;
  /** Who sends it. */
  readonly ssrc: number;
  /** Four characters of one byte each, which tell applications apart. */
  readonly name: string;
  /** Whole words. When read, a view. */
  readonly data: Uint8Array;
}

const FIXED_BYTES = 12;

/** Reads the packet at `bytes[at … end)`; `undefined` when it is too short or not whole words. */
export function parseApp(bytes: Uint8Array, at: number, end: number): AppPacket | undefined {
  if (end - at < FIXED_BYTES || (end - at) % 4 !== 0) return undefined;
  return {
    type: "app",
    subtype: bytes[at]! & 0x1f,
    ssrc: readU32(bytes, at + 4),
    name: String.fromCharCode(...bytes.subarray(at + 8, at + 12)),
    data: bytes.subarray(at + FIXED_BYTES, end),
  };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for a name or data that do not fit
 */
export function writeApp(packet: AppPacket, out: Uint8Array, at: number): number {
  const { subtype, ssrc, name, data } = packet;
  if (name.length !== 4 || [...name].some((character) => character > "\u00ff")) {
    throw new RtpError("invalid-value", `the name of an APP packet is not four bytes: "${name}"`);
  }
  at = writeRtcpHeader(subtype, RTCP_TYPE.app, FIXED_BYTES + data.length, out, at);
  at = writeU32(out, at, ssrc);
  for (let i = 0; i < 4; i++) out[at++] = name.charCodeAt(i);
  return writeBytes(out, at, data);
}
