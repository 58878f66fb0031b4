/** Messages whose identity can be read back, and what arrived of them. */
import type { RTCDataChannel } from "../../src/api/mod.ts";

/** A message as text: kind, length and a hash of every byte. */
export function describeMessage(data: unknown): string {
  if (typeof data === "string") return `text ${data.length} ${fnv(new TextEncoder().encode(data))}`;
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data as ArrayBuffer);
  return `binary ${bytes.length} ${fnv(bytes)}`;
}

function fnv(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}

/** `length` bytes that differ by `mark`. */
export function binary(length: number, mark: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = (mark * 61 + i * 7 + (i >>> 8)) & 0xff;
  return out;
}

/** One message of every kind and size, 0 B to 256 KiB. */
export function assortment(mark: number): (string | Uint8Array<ArrayBuffer>)[] {
  return [
    `a${mark}`,
    "",
    binary(0, mark),
    binary(1, mark),
    `žluťoučký kůň ${mark} 🐦‍🔥 \u0000`,
    binary(1200, mark),
    "€".repeat(5000) + mark,
    binary(16_384, mark),
    binary(262_144, mark),
    `z${mark}`,
  ];
}

/** Keeps what a channel receives, described. */
export function listen(channel: RTCDataChannel): string[] {
  const got: string[] = [];
  channel.onmessage = ({ data }) => got.push(describeMessage(data));
  return got;
}

/** Keeps the numbers that a channel receives as text. */
export function listenToNumbers(channel: RTCDataChannel): number[] {
  const got: number[] = [];
  channel.onmessage = ({ data }) => got.push(parseInt(data as string));
  return got;
}

/** Whether each number is larger than the one before. */
export function isIncreasing(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > numbers[i - 1]!);
}
