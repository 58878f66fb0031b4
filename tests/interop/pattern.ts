/**
 * Contents that every agent can make and check in any language: a pattern of bytes, CRC-32, and a
 * sum over many messages.
 *
 * @module
 */
import type { Message, Received } from "./protocol.ts";

/** ISO/IEC 13239 in the reflected form that zlib, Python and Go have: polynomial 0xEDB88320. */
const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of some bytes. */
export function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < data.length; at++) crc = table[(crc ^ data[at]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Byte `i` is `seed + 31·i + 17·⌊i/256⌋`: no period of a power of two shows within a message. */
export function pattern(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(size);
  for (let at = 0; at < size; at++) data[at] = seed + 31 * at + 17 * (at >>> 8);
  return data;
}

/** A message as it is given to `send`. */
export function contents(message: Message): string | Uint8Array<ArrayBuffer> {
  if ("text" in message) return message.text.repeat(message.repeat ?? 1);
  return pattern(message.size, message.seed);
}

/** What the other side should say of a message. */
export function expected(message: Message): Received {
  const value = contents(message);
  if (typeof value !== "string") return { kind: "binary", size: value.length, crc: crc32(value) };
  const bytes = new TextEncoder().encode(value);
  return { kind: "text", size: bytes.length, crc: crc32(bytes) };
}

/** The sum over messages so far, with one more; their order counts. */
export function addToDigest(digest: number, crc: number): number {
  return (Math.imul(digest, 31) + crc) >>> 0;
}
