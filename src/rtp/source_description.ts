import { readU32, utf8Decode, utf8Encode, writeBytes, writeU32 } from "../base/mod.ts";
import { requireRange } from "./errors.ts";
import { RTCP_HEADER_BYTES, RTCP_TYPE, writeRtcpHeader } from "./rtcp_header.ts";

/** Types of SDES items. */
export const SDES_TYPE = {
  /** RFC 3550 §6.5.1: canonical name. */
  cname: 1,
  /** RFC 3550 §6.5.2: user's name. */
  name: 2,
  /** RFC 3550 §6.5.7: notice. */
  note: 7,
  /** RFC 3550 §6.5.8: private extension. */
  priv: 8,
  /** RFC 8852 §4.1: name of an encoding. */
  rtpStreamId: 12,
  /** RFC 8852 §4.2: name of the encoding that a retransmission repairs. */
  repairedRtpStreamId: 13,
  /** RFC 9143 §15.1: identification tag of an m= section. */
  mid: 15,
} as const;

/** One item of a source description. */
export interface SdesItem {
  /** What it says: 1 … 255, see {@linkcode SDES_TYPE}. */
  readonly type: number;
  /** At most 255 bytes of UTF-8, together with the prefix and one more where there is one. */
  readonly text: string;
  /** The prefix of a PRIV item, which tells who has defined it; in no other item. */
  readonly prefix?: string;
}

/** What is said of one source. */
export interface SdesChunk {
  /** The source. */
  readonly ssrc: number;
  /** Its items. */
  readonly items: readonly SdesItem[];
}

/**
 * Source description (RFC 3550 §6.5).
 *
 * ```text
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|    SC   |  PT=SDES=202  |             length            |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |                          SSRC or CSRC                         |   one chunk
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      type     |     length    | text                        ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | more items; then 1 … 4 zeros up to the end of a word          |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface SourceDescription {
  /** Which packet this is. */
  readonly type: "source-description";
  /** At most 31. */
  readonly chunks: readonly SdesChunk[];
}

/** Reads the packet at `bytes[at … end)`; `undefined` when a chunk or an item leaves it. */
export function parseSourceDescription(
  bytes: Uint8Array,
  at: number,
  end: number,
): SourceDescription | undefined {
  const count = bytes[at]! & 0x1f;
  const chunks: SdesChunk[] = [];
  let chunkAt = at + RTCP_HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    if (end - chunkAt < 8) return undefined;
    const items: SdesItem[] = [];
    const itemsEnd = parseItems(bytes, chunkAt + 4, end, items);
    if (itemsEnd < 0) return undefined;
    chunks.push({ ssrc: readU32(bytes, chunkAt), items });
    // Behind the zero that ends the items, up to the next word counted from the packet's beginning.
    chunkAt = at + ((itemsEnd + 1 - at + 3) & ~3);
  }
  return chunkAt > end ? undefined : { type: "source-description", chunks };
}

/** Reads items up to the zero that ends them, and returns where it is; −1 when they leave the packet. */
function parseItems(bytes: Uint8Array, at: number, end: number, items: SdesItem[]): number {
  while (at < end) {
    const type = bytes[at]!;
    if (type === 0) return at;
    const textAt = at + 2;
    const next = textAt + bytes[at + 1]!;
    if (textAt > end || next > end) return -1;
    const item = parseItem(type, bytes, textAt, next);
    if (item === undefined) return -1;
    items.push(item);
    at = next;
  }
  return -1;
}

function parseItem(
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
): SdesItem | undefined {
  if (type !== SDES_TYPE.priv) return { type, text: utf8Decode(bytes.subarray(at, end)) };
  const valueAt = at + 1 + bytes[at]!;
  if (at === end || valueAt > end) return undefined;
  return {
    type,
    prefix: utf8Decode(bytes.subarray(at + 1, valueAt)),
    text: utf8Decode(bytes.subarray(valueAt, end)),
  };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`, or `invalid-value` for more than 31 chunks or too long a text
 */
export function writeSourceDescription(
  description: SourceDescription,
  out: Uint8Array,
  at: number,
): number {
  const chunks = description.chunks.map(encodeChunk);
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, RTCP_HEADER_BYTES);
  at = writeRtcpHeader(chunks.length, RTCP_TYPE.sourceDescription, size, out, at);
  for (const chunk of chunks) at = writeBytes(out, at, chunk);
  return at;
}

function encodeChunk(chunk: SdesChunk): Uint8Array {
  const items = chunk.items.map(encodeItem);
  const size = items.reduce((sum, item) => sum + item.length, 5);
  const out = new Uint8Array((size + 3) & ~3);
  let at = writeU32(out, 0, chunk.ssrc);
  for (const item of items) at = writeBytes(out, at, item);
  return out;
}

function encodeItem(item: SdesItem): Uint8Array {
  requireRange(item.type - 1, 254, "one less than the type of an SDES item");
  const text = utf8Encode(item.text);
  const prefix = item.type === SDES_TYPE.priv ? utf8Encode(item.prefix ?? "") : undefined;
  const length = text.length + (prefix === undefined ? 0 : prefix.length + 1);
  requireRange(length, 255, "the length of an SDES item");
  const out = new Uint8Array(2 + length);
  out[0] = item.type;
  out[1] = length;
  let at = 2;
  if (prefix !== undefined) {
    out[at] = prefix.length;
    at = writeBytes(out, at + 1, prefix);
  }
  writeBytes(out, at, text);
  return out;
}
