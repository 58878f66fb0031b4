/**
 * AES (FIPS 197) in counter mode over words, with the key schedule made once per key and nothing
 * allocated per message. Four tables of 1 KiB join SubBytes, ShiftRows and MixColumns of a round.
 * Look-ups by secret data are not constant in time on shared caches; the native and WebAssembly
 * providers are, and hosts prefer them.
 */
import { readU32, writeU32 } from "../base/mod.ts";
import { CryptoError } from "./errors.ts";

const SBOX = new Uint8Array(256);
/** Column that the byte of the first row contributes to a round; the others are its rotations. */
const T0 = new Int32Array(256);
const T1 = new Int32Array(256);
const T2 = new Int32Array(256);
const T3 = new Int32Array(256);

/** FIPS 197 §4.2.1: multiplication by x. */
function double(value: number): number {
  return ((value << 1) ^ ((value >>> 7) * 0x11b)) & 0xff;
}

/** FIPS 197 §5.1.1: the S-box, by walking the powers of the generator 3 and of its inverse. */
function fillTables(): void {
  let power = 1, inverse = 1;
  do {
    power ^= double(power);
    // Division by 3, which is multiplication by 0xf6.
    inverse ^= inverse << 1;
    inverse ^= inverse << 2;
    inverse ^= inverse << 4;
    inverse &= 0xff;
    if ((inverse & 0x80) !== 0) inverse ^= 0x09;
    const x = inverse * 0x0101;
    SBOX[power] = (x ^ (x >>> 7) ^ (x >>> 6) ^ (x >>> 5) ^ (x >>> 4) ^ 0x63) & 0xff;
  } while (power !== 1);
  SBOX[0] = 0x63;
  for (let value = 0; value < 256; value++) {
    const s = SBOX[value]!, s2 = double(s);
    const column = (s2 << 24) | (s << 16) | (s << 8) | (s2 ^ s);
    T0[value] = column;
    T1[value] = (column >>> 8) | (column << 24);
    T2[value] = (column >>> 16) | (column << 16);
    T3[value] = (column >>> 24) | (column << 8);
  }
}

fillTables();

/** FIPS 197 §5.1.1 on each byte of a word. */
function substitute(word: number): number {
  return (SBOX[word >>> 24]! << 24) | (SBOX[(word >>> 16) & 255]! << 16) |
    (SBOX[(word >>> 8) & 255]! << 8) | SBOX[word & 255]!;
}

/** FIPS 197 §5.2: four words for each round and four to begin with. */
function expandKey(key: Uint8Array): Int32Array {
  const words = key.length / 4;
  const schedule = new Int32Array(4 * (words + 7));
  for (let i = 0; i < words; i++) schedule[i] = readU32(key, 4 * i);
  let constant = 1;
  for (let i = words; i < schedule.length; i++) {
    let word = schedule[i - 1]!;
    if (i % words === 0) {
      word = substitute((word << 8) | (word >>> 24)) ^ (constant << 24);
      constant = double(constant);
    } else if (words > 6 && i % words === 4) word = substitute(word);
    schedule[i] = schedule[i - words]! ^ word;
  }
  return schedule;
}

/**
 * A prepared AES key.
 *
 * @example
 * ```ts
 * import { AesKey } from "@sterna/webrtc/crypto";
 *
 * const key = new AesKey(new Uint8Array(16));
 * const keystream = new Uint8Array(40);
 * key.xorKeystream(keystream, 0, 40, 1, 2, 3, 0);
 * ```
 */
export class AesKey {
  readonly #schedule: Int32Array;
  /** What the last block came to. */
  readonly #out = new Int32Array(4);
  /** What blocks with the same upper 120 bits share: see {@linkcode AesKey.#share}. */
  readonly #shared = new Int32Array(5);

  /**
   * Expands a key, which is not kept.
   *
   * @param key 16 or 32 bytes
   * @throws {CryptoError} `invalid-key` for another length
   */
  constructor(key: Uint8Array) {
    if (key.length !== 16 && key.length !== 32) {
      throw new CryptoError("invalid-key", "AES takes 16 or 32 bytes here");
    }
    this.#schedule = expandKey(key);
  }

  /** Writes the encryption of the block of four big-endian words to `out` at `at`. */
  encryptBlock(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    out: Uint8Array,
    at: number,
  ): void {
    this.#share(w0, w1, w2, w3);
    this.#block(w3);
    const block = this.#out;
    for (let i = 0; i < 4; i++) writeU32(out, at + 4 * i, block[i]!);
  }

  /**
   * Counter mode (NIST SP 800-38A §6.5): XORs `bytes[at … end)` with the encryptions of the block of
   * four big-endian words and of those that follow it; only the last word counts, modulo 2³².
   */
  xorKeystream(
    bytes: Uint8Array,
    at: number,
    end: number,
    w0: number,
    w1: number,
    w2: number,
    w3: number,
  ): void {
    const block = this.#out;
    if ((w3 & 255) !== 0) this.#share(w0, w1, w2, w3);
    for (; at < end; w3 = (w3 + 1) | 0) {
      if ((w3 & 255) === 0) this.#share(w0, w1, w2, w3);
      this.#block(w3);
      if (end - at < 16) break;
      xorWord(bytes, at, block[0]!);
      xorWord(bytes, at + 4, block[1]!);
      xorWord(bytes, at + 8, block[2]!);
      xorWord(bytes, at + 12, block[3]!);
      at += 16;
    }
    for (let i = 0; at < end; i++, at++) bytes[at]! ^= block[i >>> 2]! >>> (24 - 8 * (i & 3));
  }

  /** Zeroes the key; the object must not be used afterwards. */
  dispose(): void {
    this.#schedule.fill(0);
    this.#out.fill(0);
    this.#shared.fill(0);
  }

  /**
   * What 256 blocks that differ in their last byte alone have in common: three columns after the
   * first round, the fourth without that byte, and so twelve of the sixteen look-ups of the second
   * round. A sixth of all work is done once here.
   */
  #share(w0: number, w1: number, w2: number, w3: number): void {
    const k = this.#schedule, shared = this.#shared;
    const s0 = w0 ^ k[0]!, s1 = w1 ^ k[1]!, s2 = w2 ^ k[2]!, s3 = w3 ^ k[3]!;
    const t1 = T0[s1 >>> 24]! ^ T1[(s2 >>> 16) & 255]! ^ T2[(s3 >>> 8) & 255]! ^ T3[s0 & 255]! ^
      k[5]!;
    const t2 = T0[s2 >>> 24]! ^ T1[(s3 >>> 16) & 255]! ^ T2[(s0 >>> 8) & 255]! ^ T3[s1 & 255]! ^
      k[6]!;
    const t3 = T0[s3 >>> 24]! ^ T1[(s0 >>> 16) & 255]! ^ T2[(s1 >>> 8) & 255]! ^ T3[s2 & 255]! ^
      k[7]!;
    shared[0] = T0[s0 >>> 24]! ^ T1[(s1 >>> 16) & 255]! ^ T2[(s2 >>> 8) & 255]! ^ k[4]!;
    shared[1] = T1[(t1 >>> 16) & 255]! ^ T2[(t2 >>> 8) & 255]! ^ T3[t3 & 255]! ^ k[8]!;
    shared[2] = T0[t1 >>> 24]! ^ T1[(t2 >>> 16) & 255]! ^ T2[(t3 >>> 8) & 255]! ^ k[9]!;
    shared[3] = T0[t2 >>> 24]! ^ T1[(t3 >>> 16) & 255]! ^ T3[t1 & 255]! ^ k[10]!;
    shared[4] = T0[t3 >>> 24]! ^ T2[(t1 >>> 8) & 255]! ^ T3[t2 & 255]! ^ k[11]!;
  }

  /** FIPS 197 §5.1 for the block that ends in `w3` and shares the rest. */
  #block(w3: number): void {
    const k = this.#schedule, shared = this.#shared, out = this.#out;
    const first = shared[0]! ^ T3[(w3 ^ k[3]!) & 255]!;
    let s0 = shared[1]! ^ T0[first >>> 24]!;
    let s1 = shared[2]! ^ T3[first & 255]!;
    let s2 = shared[3]! ^ T2[(first >>> 8) & 255]!;
    let s3 = shared[4]! ^ T1[(first >>> 16) & 255]!;
    const last = k.length - 4;
    for (let i = 12; i < last; i += 4) {
      const t0 = T0[s0 >>> 24]! ^ T1[(s1 >>> 16) & 255]! ^ T2[(s2 >>> 8) & 255]! ^ T3[s3 & 255]! ^
        k[i]!;
      const t1 = T0[s1 >>> 24]! ^ T1[(s2 >>> 16) & 255]! ^ T2[(s3 >>> 8) & 255]! ^ T3[s0 & 255]! ^
        k[i + 1]!;
      const t2 = T0[s2 >>> 24]! ^ T1[(s3 >>> 16) & 255]! ^ T2[(s0 >>> 8) & 255]! ^ T3[s1 & 255]! ^
        k[i + 2]!;
      s3 = T0[s3 >>> 24]! ^ T1[(s0 >>> 16) & 255]! ^ T2[(s1 >>> 8) & 255]! ^ T3[s2 & 255]! ^
        k[i + 3]!;
      s0 = t0;
      s1 = t1;
      s2 = t2;
    }
    out[0] = ((SBOX[s0 >>> 24]! << 24) | (SBOX[(s1 >>> 16) & 255]! << 16) |
      (SBOX[(s2 >>> 8) & 255]! << 8) | SBOX[s3 & 255]!) ^ k[last]!;
    out[1] = ((SBOX[s1 >>> 24]! << 24) | (SBOX[(s2 >>> 16) & 255]! << 16) |
      (SBOX[(s3 >>> 8) & 255]! << 8) | SBOX[s0 & 255]!) ^ k[last + 1]!;
    out[2] = ((SBOX[s2 >>> 24]! << 24) | (SBOX[(s3 >>> 16) & 255]! << 16) |
      (SBOX[(s0 >>> 8) & 255]! << 8) | SBOX[s1 & 255]!) ^ k[last + 2]!;
    out[3] = ((SBOX[s3 >>> 24]! << 24) | (SBOX[(s0 >>> 16) & 255]! << 16) |
      (SBOX[(s1 >>> 8) & 255]! << 8) | SBOX[s2 & 255]!) ^ k[last + 3]!;
  }
}

function xorWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at]! ^= word >>> 24;
  bytes[at + 1]! ^= word >>> 16;
  bytes[at + 2]! ^= word >>> 8;
  bytes[at + 3]! ^= word;
}
