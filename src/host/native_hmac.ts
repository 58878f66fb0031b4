import type * as NodeCrypto from "node:crypto";
import { writeU32 } from "../base/mod.ts";

/** FIPS 180-4: SHA-1's block and digest, bytes. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 20;

/** RFC 2104 §2. */
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/**
 * HMAC-SHA1 of node:crypto for packets (RFC 2104, RFC 3711 §4.2.1). Two one-shot hashes take half as
 * long as one HMAC object in Deno, and a fifth less in Node; in Bun it is the same.
 */
export class NativeHmac {
  readonly #hash: (bytes: Uint8Array) => Uint8Array;
  /** The padded key, and room for a message and the four bytes behind it. */
  #inner: Uint8Array = new Uint8Array(BLOCK_BYTES + 2048);
  readonly #outer: Uint8Array = new Uint8Array(BLOCK_BYTES + DIGEST_BYTES);

  #mac: Uint8Array = new Uint8Array(DIGEST_BYTES);

  /** @param key 20 bytes */
  constructor(crypto: typeof NodeCrypto, key: Uint8Array) {
    this.#hash = crypto.hash === undefined
      ? (bytes) => crypto.createHash("sha1").update(bytes).digest()
      : (bytes) => crypto.hash("sha1", bytes, "buffer");
    for (let i = 0; i < BLOCK_BYTES; i++) {
      const byte = key[i] ?? 0;
      this.#inner[i] = byte ^ INNER_PAD;
      this.#outer[i] = byte ^ OUTER_PAD;
    }
  }

  /** What {@linkcode NativeHmac.sign} made last. */
  get mac(): Uint8Array {
    return this.#mac;
  }

  /** Makes the MAC of `bytes[at … end)`, followed by `word` (network byte order) where there is one. */
  sign(bytes: Uint8Array, at: number, end: number, word?: number): void {
    const needed = BLOCK_BYTES + end - at + 4;
    if (this.#inner.length < needed) this.#grow(needed);
    const inner = this.#inner;
    inner.set(bytes.subarray(at, end), BLOCK_BYTES);
    let innerEnd = BLOCK_BYTES + end - at;
    if (word !== undefined) innerEnd = writeU32(inner, innerEnd, word);
    this.#outer.set(this.#hash(inner.subarray(0, innerEnd)), BLOCK_BYTES);
    this.#mac = this.#hash(this.#outer);
  }

  /** Wipes the key. */
  dispose(): void {
    this.#inner.fill(0);
    this.#outer.fill(0);
  }

  #grow(length: number): void {
    const inner = new Uint8Array(length);
    inner.set(this.#inner.subarray(0, BLOCK_BYTES));
    this.#inner.fill(0);
    this.#inner = inner;
  }
}
