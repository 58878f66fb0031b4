/**
 * AES-GCM (NIST SP 800-38D) in batches: noble's AES with a key schedule made once per key, and
 * {@linkcode Ghash} with its table made once per key.
 */
import { unsafe } from "@noble/ciphers/aes.js";
import { constantTimeEqual } from "../base/mod.ts";
import {
  AEAD_AAD_AT,
  AEAD_AAD_LENGTH,
  AEAD_COLUMNS,
  AEAD_NONCE_AT,
  AEAD_NONCE_BYTES,
  AEAD_OK,
  AEAD_TAG_BYTES,
  AEAD_TEXT_AT,
  AEAD_TEXT_LENGTH,
  type AeadBatch,
  type AeadKey,
} from "./aead.ts";
import { Ghash } from "./ghash.ts";

const BLOCK = 16;

/**
 * One block of zeros, which the counter mode turns into the mask of the tag, then the text: noble's
 * counter mode wants words that are aligned, records rarely are.
 */
let work = new Uint8Array(BLOCK + 2048);
const counter = new Uint8Array(BLOCK);
const tag = new Uint8Array(AEAD_TAG_BYTES);

/** A prepared AES-GCM key of 16 or 32 bytes. */
export class TsGcmKey implements AeadKey {
  readonly #schedule: Uint32Array;
  readonly #ghash: Ghash;

  /** @param key 16 or 32 bytes */
  constructor(key: Uint8Array) {
    this.#schedule = unsafe.expandKeyLE(key);
    this.#ghash = new Ghash(unsafe.encryptBlock(this.#schedule, new Uint8Array(BLOCK)));
  }

  seal(batch: AeadBatch): void {
    const { bytes, rows } = batch;
    for (let i = 0; i < batch.count; i++) {
      const row = i * AEAD_COLUMNS;
      const textAt = rows[row + AEAD_TEXT_AT]!, length = rows[row + AEAD_TEXT_LENGTH]!;
      const text = this.#crypt(bytes, rows[row + AEAD_NONCE_AT]!, textAt, length);
      bytes.set(text, textAt);
      this.#authenticate(batch, row);
      bytes.set(tag, textAt + length);
    }
  }

  open(batch: AeadBatch): void {
    const { bytes, rows } = batch;
    for (let i = 0; i < batch.count; i++) {
      const row = i * AEAD_COLUMNS;
      const textAt = rows[row + AEAD_TEXT_AT]!, length = rows[row + AEAD_TEXT_LENGTH]!;
      const tagAt = textAt + length;
      const text = this.#crypt(bytes, rows[row + AEAD_NONCE_AT]!, textAt, length);
      this.#authenticate(batch, row);
      const given = bytes.subarray(tagAt, tagAt + AEAD_TAG_BYTES);
      if (constantTimeEqual(given, tag)) {
        bytes.set(text, textAt);
        rows[row + AEAD_OK] = 1;
      } else {
        text.fill(0);
        bytes.fill(0, textAt, tagAt);
        rows[row + AEAD_OK] = 0;
      }
    }
  }

  dispose(): void {
    this.#schedule.fill(0);
    this.#ghash.dispose();
  }

  /** SP 800-38D §7.1 steps 2, 3 and 6: counter mode from J0 = nonce ‖ 1 over the mask and the text. */
  #crypt(bytes: Uint8Array, nonceAt: number, textAt: number, length: number): Uint8Array {
    if (work.length < BLOCK + length) work = new Uint8Array(BLOCK + 2 * length);
    work.fill(0, 0, BLOCK);
    work.set(bytes.subarray(textAt, textAt + length), BLOCK);
    for (let i = 0; i < AEAD_NONCE_BYTES; i++) counter[i] = bytes[nonceAt + i]!;
    counter[12] = counter[13] = counter[14] = 0;
    counter[15] = 1;
    const used = work.subarray(0, BLOCK + length);
    unsafe.ctr32(this.#schedule, false, counter, used, used);
    return work.subarray(BLOCK, BLOCK + length);
  }

  /** Leaves the tag over the additional data and the ciphertext, which is in the batch, in `tag`. */
  #authenticate({ bytes, rows }: AeadBatch, row: number): void {
    const aadLength = rows[row + AEAD_AAD_LENGTH]!, textLength = rows[row + AEAD_TEXT_LENGTH]!;
    const ghash = this.#ghash;
    ghash.reset();
    ghash.update(bytes, rows[row + AEAD_AAD_AT]!, aadLength);
    ghash.update(bytes, rows[row + AEAD_TEXT_AT]!, textLength);
    ghash.finish(aadLength, textLength, work, tag);
  }
}
