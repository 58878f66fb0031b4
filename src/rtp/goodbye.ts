import { EMPTY, readU32, utf8Decode, utf8Encode, writeBytes, writeU32 } from "../base/mod.ts";
import { requireRange } from "./errors.ts";
import { RTCP_HEADER_BYTES, RTCP_TYPE, writeRtcpHeader } from "./rtcp_header.ts";

/**
 * Goodbye: sources that are no longer active (RFC 3550 §6.6).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|    SC   |   PT=BYE=203  |             length            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           SSRC/CSRC                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * :                              ...                              :
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |     length    |               reason for leaving            ...   optional
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface Goodbye {
  /** Which packet this is. */
  readonly type: "goodbye";
  /** The sources that leave, at most 31. */
  readonly ssrcs: readonly number[];
  /** Why, for people: at most 255 bytes of UTF-8. */
  readonly reason: string | undefined;
}

/** Reads the packet at `bytes[at … end)`; `undefined` when its sources or its reason leave it. */
export function parseGoodbye(bytes: Uint8Array, at: number, end: number): Goodbye | undefined {
  const count = bytes[at]! & 0x1f;
  const reasonAt = at + RTCP_HEADER_BYTES + 4 * count;
  if (reasonAt > end) return undefined;
  const ssrcs: number[] = [];
  for (let i = 0; i < count; i++) ssrcs.push(readU32(bytes, at + RTCP_HEADER_BYTES + 4 * i));
  if (reasonAt === end) return { type: "goodbye", ssrcs, reason: undefined };
  const reasonEnd = reasonAt + 1 + bytes[reasonAt]!;
  if (reasonEnd > end) return undefined;
  return { type: "goodbye", ssrcs, reason: utf8Decode(bytes.subarray(reasonAt + 1, reasonEnd)) };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for too many sources or too long a reason
 */
export function writeGoodbye(goodbye: Goodbye, out: Uint8Array, at: number): number {
  const { ssrcs, reason } = goodbye;
  const text = reason === undefined ? EMPTY : utf8Encode(reason);
  requireRange(text.length, 255, "the length of the reason");
  const reasonBytes = reason === undefined ? 0 : (1 + text.length + 3) & ~3;
  const size = RTCP_HEADER_BYTES + 4 * ssrcs.length + reasonBytes;
  const end = at + size;
  at = writeRtcpHeader(ssrcs.length, RTCP_TYPE.goodbye, size, out, at);
  for (const ssrc of ssrcs) at = writeU32(out, at, ssrc);
  if (reason === undefined) return at;
  out[at] = text.length;
  out.fill(0, writeBytes(out, at + 1, text), end);
  return end;
}
