/**
 * GHASH (NIST SP 800-38D §6.4) with a table per key, which noble builds anew for every message: for
 * each of the 32 nibbles of a block and each of its 16 values the product with the hash key, 8 KiB.
 * A block then costs 32 look-ups and no reduction. Look-ups by secret data are not constant in time
 * on shared caches; the native provider is, and hosts prefer it.
 */
import { readU32, writeU32 } from "../base/mod.ts";

const NIBBLES = 32;

/** SP 800-38D §6.3: R = 11100001 ‖ 0¹²⁰; its top word. */
const R = 0xe1000000 | 0;

/**
 * GHASH state under one key.
 *
 * @example
 * ```ts
 * import { Ghash } from "@sterna/webrtc/crypto";
 *
 * const ghash = new Ghash(new Uint8Array(16).fill(1));
 * const text = new Uint8Array(20), mask = new Uint8Array(16), tag = new Uint8Array(16);
 * ghash.reset();
 * ghash.update(text, 0, text.length);
 * ghash.finish(0, text.length, mask, tag);
 * ```
 */
export class Ghash {
  readonly #table = new Int32Array(NIBBLES * 16 * 4);
  readonly #tail = new Uint8Array(16);
  #y0 = 0;
  #y1 = 0;
  #y2 = 0;
  #y3 = 0;

  /**
   * Makes the table.
   *
   * @param key the hash subkey H = CIPH_K(0¹²⁸), 16 bytes, which is not kept
   */
  constructor(key: Uint8Array) {
    const table = this.#table;
    let v0 = readU32(key, 0) | 0;
    let v1 = readU32(key, 4) | 0;
    let v2 = readU32(key, 8) | 0;
    let v3 = readU32(key, 12) | 0;
    for (let bit = 0; bit < 128; bit++) {
      // The product with a single set bit; the first bit of a block is its most significant one.
      const nibble = bit >>> 2, weight = 8 >>> (bit & 3);
      for (let value = weight; value < 16; value++) {
        if ((value & weight) === 0) continue;
        const at = (nibble * 16 + value) * 4;
        table[at]! ^= v0;
        table[at + 1]! ^= v1;
        table[at + 2]! ^= v2;
        table[at + 3]! ^= v3;
      }
      const carry = -(v3 & 1);
      v3 = (v3 >>> 1) | (v2 << 31);
      v2 = (v2 >>> 1) | (v1 << 31);
      v1 = (v1 >>> 1) | (v0 << 31);
      v0 = (v0 >>> 1) ^ (R & carry);
    }
  }

  /** Starts a new message. */
  reset(): void {
    this.#y0 =
      this.#y1 =
      this.#y2 =
      this.#y3 =
        0;
  }

  /** Absorbs `length` bytes, padded with zeros to whole blocks. */
  update(bytes: Uint8Array, at: number, length: number): void {
    const whole = at + (length & ~15);
    for (; at < whole; at += 16) this.#block(bytes, at);
    const rest = length & 15;
    if (rest === 0) return;
    const tail = this.#tail.fill(0);
    for (let i = 0; i < rest; i++) tail[i] = bytes[at + i]!;
    this.#block(tail, 0);
  }

  /** Absorbs the closing block, both lengths in bits, and writes the hash XORed with `mask`. */
  finish(aadLength: number, textLength: number, mask: Uint8Array, out: Uint8Array): void {
    // Lengths stay below 2²⁹ bytes, so their upper 32 bits in bits are zero.
    this.#multiply(
      this.#y0,
      this.#y1 ^ (aadLength << 3),
      this.#y2,
      this.#y3 ^ (textLength << 3),
    );
    writeU32(out, 0, this.#y0 ^ readU32(mask, 0));
    writeU32(out, 4, this.#y1 ^ readU32(mask, 4));
    writeU32(out, 8, this.#y2 ^ readU32(mask, 8));
    writeU32(out, 12, this.#y3 ^ readU32(mask, 12));
  }

  /** Zeroes the table and the state. */
  dispose(): void {
    this.#table.fill(0);
    this.#tail.fill(0);
    this.reset();
  }

  #block(bytes: Uint8Array, at: number): void {
    this.#multiply(
      this.#y0 ^ readU32(bytes, at),
      this.#y1 ^ readU32(bytes, at + 4),
      this.#y2 ^ readU32(bytes, at + 8),
      this.#y3 ^ readU32(bytes, at + 12),
    );
  }

  #multiply(x0: number, x1: number, x2: number, x3: number): void {
    const table = this.#table;
    let y0 = 0, y1 = 0, y2 = 0, y3 = 0;
    let row = 0;
    for (let word = 0; word < 4; word++) {
      const x = word === 0 ? x0 : word === 1 ? x1 : word === 2 ? x2 : x3;
      for (let shift = 28; shift >= 0; shift -= 4, row += 64) {
        const at = row + ((x >>> shift) & 15) * 4;
        y0 ^= table[at]!;
        y1 ^= table[at + 1]!;
        y2 ^= table[at + 2]!;
        y3 ^= table[at + 3]!;
      }
    }
    this.#y0 = y0;
    this.#y1 = y1;
    this.#y2 = y2;
    this.#y3 = y3;
  }
}
