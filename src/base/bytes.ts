/** Big-endian reads and writes, comparison and text for bytes. No `DataView`: it is slower per packet. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A shared array of no bytes. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/** Reads 16 bits, network byte order. Bytes past the end read as zero; callers check lengths. */
export function readU16(b: Uint8Array, at: number): number {
  return (b[at]! << 8) | b[at + 1]!;
}

/** Reads 24 bits, network byte order. */
export function readU24(b: Uint8Array, at: number): number {
  return (b[at]! << 16) | (b[at + 1]! << 8) | b[at + 2]!;
}

/** Reads 32 bits, network byte order, as an unsigned number. */
export function readU32(b: Uint8Array, at: number): number {
  return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
}

/** Reads 48 bits, network byte order: exact in a double. */
export function readU48(b: Uint8Array, at: number): number {
  return readU16(b, at) * 0x1_0000_0000 + readU32(b, at + 2);
}

/** Writes 16 bits and returns the offset behind them. */
export function writeU16(b: Uint8Array, at: number, value: number): number {
  b[at] = value >>> 8;
  b[at + 1] = value;
  return at + 2;
}

/** Writes 24 bits and returns the offset behind them. */
export function writeU24(b: Uint8Array, at: number, value: number): number {
  b[at] = value >>> 16;
  b[at + 1] = value >>> 8;
  b[at + 2] = value;
  return at + 3;
}

/** Writes 32 bits and returns the offset behind them. */
export function writeU32(b: Uint8Array, at: number, value: number): number {
  b[at] = value >>> 24;
  b[at + 1] = value >>> 16;
  b[at + 2] = value >>> 8;
  b[at + 3] = value;
  return at + 4;
}

/** Writes 48 bits and returns the offset behind them. */
export function writeU48(b: Uint8Array, at: number, value: number): number {
  writeU16(b, at, Math.floor(value / 0x1_0000_0000));
  return writeU32(b, at + 2, value >>> 0);
}

/** Copies `from` into `b` at `at` and returns the offset behind it. */
export function writeBytes(b: Uint8Array, at: number, from: Uint8Array): number {
  b.set(from, at);
  return at + from.length;
}

/** Joins parts into one new array. Not for the packet path, where writers fill lent buffers. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) at = writeBytes(out, at, part);
  return out;
}

/** Compares public bytes. For secrets and authentication tags use `constantTimeEqual`. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Compares secrets or tags in a time that depends on the lengths alone. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Encodes text as UTF-8. */
export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Decodes UTF-8; malformed sequences become U+FFFD, a byte order mark is kept. */
export function utf8Decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Decodes UTF-8, or returns `undefined` when the bytes are not well-formed. */
export function utf8DecodeStrict(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Lower-case hexadecimal, `separator` between the bytes. */
export function hexEncode(bytes: Uint8Array, separator = ""): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    if (i > 0) text += separator;
    text += (bytes[i]! < 16 ? "0" : "") + bytes[i]!.toString(16);
  }
  return text;
}

/** Decodes hexadecimal (white space and colons ignored), or `undefined` when it is malformed. */
export function hexDecode(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = text.replace(/[\s:]/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  const out = new Uint8Array(digits.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return out;
}
