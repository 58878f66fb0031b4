import { EMPTY, readU16, readU24 } from "../base/mod.ts";

/**
 * Reads the vectors of the TLS presentation language (RFC 5246 §4.3). A read past the end gives
 * zeros and sets {@linkcode Reader.failed}, so that a codec checks once, at its end.
 */
export class Reader {
  /** Whether a read went past the end. */
  failed = false;
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Views of `bytes` are handed out; nothing is copied. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** Whether everything was read and nothing was missing. */
  get complete(): boolean {
    return !this.failed && this.remaining === 0;
  }

  /** One byte. */
  u8(): number {
    return this.#take(1) ? this.#bytes[this.#at - 1]! : 0;
  }

  /** Two bytes. */
  u16(): number {
    return this.#take(2) ? readU16(this.#bytes, this.#at - 2) : 0;
  }

  /** Three bytes. */
  u24(): number {
    return this.#take(3) ? readU24(this.#bytes, this.#at - 3) : 0;
  }

  /** A view of the next `length` bytes. */
  view(length: number): Uint8Array {
    return this.#take(length) ? this.#bytes.subarray(this.#at - length, this.#at) : EMPTY;
  }

  /** `opaque v<0..2^8-1>` */
  vector8(): Uint8Array {
    return this.view(this.u8());
  }

  /** `opaque v<0..2^16-1>` */
  vector16(): Uint8Array {
    return this.view(this.u16());
  }

  /** `opaque v<0..2^24-1>` */
  vector24(): Uint8Array {
    return this.view(this.u24());
  }

  #take(length: number): boolean {
    if (this.failed || length > this.remaining) {
      this.failed = true;
      return false;
    }
    this.#at += length;
    return true;
  }
}

/** The 16-bit numbers in `bytes`, or `undefined` when the length is odd or zero. */
export function parseU16List(bytes: Uint8Array): number[] | undefined {
  if (bytes.length === 0 || bytes.length % 2 !== 0) return undefined;
  const list: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) list.push(readU16(bytes, at));
  return list;
}
