/**
 * HMAC-SHA1 (RFC 2104, FIPS 180-4 §6.1) for SRTP: both padded states of the key are kept, bytes are
 * hashed where they lie, and nothing is allocated per message.
 */
import { readU32, writeU32 } from "../base/mod.ts";
import { CryptoError } from "./errors.ts";

const BLOCK = 64;

/** FIPS 180-4 §5.3.1. */
const INITIAL: readonly number[] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/** Length of a whole MAC, bytes. */
export const HMAC_SHA1_BYTES = 20;

/**
 * A prepared key. A MAC is made by `begin`, any number of `update…`, and `finish`.
 *
 * @example
 * ```ts
 * import { HMAC_SHA1_BYTES, HmacSha1Key } from "@sterna/webrtc/crypto";
 *
 * const key = new HmacSha1Key(new Uint8Array(20));
 * const packet = new Uint8Array(100), tag = new Uint8Array(HMAC_SHA1_BYTES);
 * key.begin();
 * key.update(packet, 0, packet.length);
 * key.finish(tag, 0, 10); // the first 80 bits
 * ```
 */
export class HmacSha1Key {
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;
  readonly #state = new Int32Array(5);
  readonly #schedule = new Int32Array(80);
  /** What does not fill a block yet. */
  readonly #block = new Uint8Array(BLOCK);
  #fill = 0;
  #length = 0;

  /**
   * Makes both states.
   *
   * @param key at most 64 bytes, which are not kept
   * @throws {CryptoError} `invalid-key` for a longer one, which RFC 2104 would hash and nobody here has
   */
  constructor(key: Uint8Array) {
    if (key.length > BLOCK) throw new CryptoError("invalid-key", "at most 64 bytes");
    this.#inner = this.#pad(key, 0x36);
    this.#outer = this.#pad(key, 0x5c);
    this.#block.fill(0);
    this.#schedule.fill(0);
  }

  /** Starts a message. */
  begin(): void {
    this.#state.set(this.#inner);
    this.#fill = 0;
    this.#length = BLOCK;
  }

  /** Takes `bytes[at … end)`; they are not kept. */
  update(bytes: Uint8Array, at: number, end: number): void {
    this.#length += end - at;
    if (this.#fill > 0) {
      while (at < end && this.#fill < BLOCK) this.#block[this.#fill++] = bytes[at++]!;
      if (this.#fill < BLOCK) return;
      this.#compressBytes(this.#block, 0);
      this.#fill = 0;
    }
    for (; end - at >= BLOCK; at += BLOCK) this.#compressBytes(bytes, at);
    while (at < end) this.#block[this.#fill++] = bytes[at++]!;
  }

  /** Takes four bytes, big-endian. */
  updateWord(word: number): void {
    const block = this.#block;
    this.#length += 4;
    for (let shift = 24; shift >= 0; shift -= 8) {
      block[this.#fill++] = word >>> shift;
      if (this.#fill === BLOCK) {
        this.#compressBytes(block, 0);
        this.#fill = 0;
      }
    }
  }

  /** Writes the first `length` bytes of the MAC, at most 20, to `out` at `at`. */
  finish(out: Uint8Array, at: number, length: number): void {
    const block = this.#block;
    // FIPS 180-4 §5.1.1: a one, zeros, and the length in bits, which stays below 2³² here.
    block[this.#fill++] = 0x80;
    if (this.#fill > BLOCK - 8) {
      block.fill(0, this.#fill);
      this.#compressBytes(block, 0);
      this.#fill = 0;
    }
    block.fill(0, this.#fill);
    writeU32(block, BLOCK - 4, this.#length << 3);
    this.#compressBytes(block, 0);
    const state = this.#state, w = this.#schedule;
    w.set(state);
    w[5] = 0x80000000 | 0;
    w.fill(0, 6, 15);
    w[15] = (BLOCK + HMAC_SHA1_BYTES) << 3;
    state.set(this.#outer);
    this.#compress();
    for (let i = 0; i < length; i++) out[at + i] = state[i >>> 2]! >>> (24 - 8 * (i & 3));
  }

  /** Zeroes the key; the object must not be used afterwards. */
  dispose(): void {
    this.#inner.fill(0);
    this.#outer.fill(0);
    this.#state.fill(0);
    this.#schedule.fill(0);
    this.#block.fill(0);
  }

  /** RFC 2104 §4: the state behind the padded key. */
  #pad(key: Uint8Array, pad: number): Int32Array {
    const block = this.#block.fill(pad);
    for (let i = 0; i < key.length; i++) block[i]! ^= key[i]!;
    this.#state.set(INITIAL);
    this.#compressBytes(block, 0);
    return this.#state.slice();
  }

  #compressBytes(bytes: Uint8Array, at: number): void {
    const w = this.#schedule;
    for (let i = 0; i < 16; i++, at += 4) w[i] = readU32(bytes, at);
    this.#compress();
  }

  /** FIPS 180-4 §6.1.2 for the block in the first 16 words of the schedule, five rounds at a time. */
  #compress(): void {
    const w = this.#schedule, state = this.#state;
    for (let i = 16; i < 80; i++) {
      const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
      w[i] = (x << 1) | (x >>> 31);
    }
    let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!, e = state[4]!;
    let i = 0;
    for (; i < 20; i += 5) {
      e = (e + ((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + 0x5a827999 + w[i]!) | 0;
      b = (b << 30) | (b >>> 2);
      d = (d + ((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + 0x5a827999 + w[i + 1]!) | 0;
      a = (a << 30) | (a >>> 2);
      c = (c + ((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + 0x5a827999 + w[i + 2]!) | 0;
      e = (e << 30) | (e >>> 2);
      b = (b + ((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + 0x5a827999 + w[i + 3]!) | 0;
      d = (d << 30) | (d >>> 2);
      a = (a + ((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + 0x5a827999 + w[i + 4]!) | 0;
      c = (c << 30) | (c >>> 2);
    }
    for (; i < 40; i += 5) {
      e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0x6ed9eba1 + w[i]!) | 0;
      b = (b << 30) | (b >>> 2);
      d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0x6ed9eba1 + w[i + 1]!) | 0;
      a = (a << 30) | (a >>> 2);
      c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0x6ed9eba1 + w[i + 2]!) | 0;
      e = (e << 30) | (e >>> 2);
      b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0x6ed9eba1 + w[i + 3]!) | 0;
      d = (d << 30) | (d >>> 2);
      a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0x6ed9eba1 + w[i + 4]!) | 0;
      c = (c << 30) | (c >>> 2);
    }
    for (; i < 60; i += 5) {
      e = (e + ((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + 0x8f1bbcdc + w[i]!) | 0;
      b = (b << 30) | (b >>> 2);
      d = (d + ((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + 0x8f1bbcdc + w[i + 1]!) | 0;
      a = (a << 30) | (a >>> 2);
      c = (c + ((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + 0x8f1bbcdc + w[i + 2]!) | 0;
      e = (e << 30) | (e >>> 2);
      b = (b + ((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + 0x8f1bbcdc + w[i + 3]!) | 0;
      d = (d << 30) | (d >>> 2);
      a = (a + ((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + 0x8f1bbcdc + w[i + 4]!) | 0;
      c = (c << 30) | (c >>> 2);
    }
    for (; i < 80; i += 5) {
      e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0xca62c1d6 + w[i]!) | 0;
      b = (b << 30) | (b >>> 2);
      d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0xca62c1d6 + w[i + 1]!) | 0;
      a = (a << 30) | (a >>> 2);
      c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0xca62c1d6 + w[i + 2]!) | 0;
      e = (e << 30) | (e >>> 2);
      b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0xca62c1d6 + w[i + 3]!) | 0;
      d = (d << 30) | (d >>> 2);
      a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0xca62c1d6 + w[i + 4]!) | 0;
      c = (c << 30) | (c >>> 2);
    }
    state[0] = state[0]! + a;
    state[1] = state[1]! + b;
    state[2] = state[2]! + c;
    state[3] = state[3]! + d;
    state[4] = state[4]! + e;
  }
}
