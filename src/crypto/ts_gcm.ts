/**
 * AES-GCM (NIST SP 800-38D) in batches: noble's AES with a key schedule made once per key, and
 * {@linkcode Ghash} with its table made once per key.
 */
import { unsafe } from "@noble/ciphers/aes.js";
import { constantTimeEqual } from "../base/mod.ts";
import { AEAD_NONCE_BYTES, AEAD_TAG_BYTES } from "./aead.ts";
import { Ghash } from "./ghash.ts";
import { type AeadRecord, RecordAeadKey } from "./record_aead.ts";

const BLOCK = 16;

/**
 * One block of zeros, which the counter mode turns into the mask of the tag, then the text: noble's
 * counter mode wants words that are aligned, records rarely are.
 */
let work = new Uint8Array(BLOCK + 2048);
const counter = new Uint8Array(BLOCK);
const tag = new Uint8Array(AEAD_TAG_BYTES);

/** A prepared AES-GCM key of 16 or 32 bytes. */
export class TsGcmKey extends RecordAeadKey {
  readonly #schedule: Uint32Array;
  readonly #ghash: Ghash;

  /** @param key 16 or 32 bytes */
  constructor(key: Uint8Array) {
    super();
    this.#schedule = unsafe.expandKeyLE(key);
    this.#ghash = new Ghash(unsafe.encryptBlock(this.#schedule, new Uint8Array(BLOCK)));
  }

  dispose(): void {
    this.#schedule.fill(0);
    this.#ghash.dispose();
  }

  protected sealRecord(
    bytes: Uint8Array,
    { nonceAt, aadAt, aadEnd, textAt, textEnd }: AeadRecord,
  ): void {
    bytes.set(this.#crypt(bytes, nonceAt, textAt, textEnd), textAt);
    this.#authenticate(bytes, aadAt, aadEnd, textAt, textEnd);
    bytes.set(tag, textEnd);
  }

  protected openRecord(
    bytes: Uint8Array,
    { nonceAt, aadAt, aadEnd, textAt, textEnd }: AeadRecord,
  ): boolean {
    const text = this.#crypt(bytes, nonceAt, textAt, textEnd);
    this.#authenticate(bytes, aadAt, aadEnd, textAt, textEnd);
    const ok = constantTimeEqual(bytes.subarray(textEnd, textEnd + AEAD_TAG_BYTES), tag);
    if (ok) bytes.set(text, textAt);
    else text.fill(0);
    return ok;
  }

  /** SP 800-38D §7.1 steps 2, 3 and 6: counter mode from J0 = nonce ‖ 1 over the mask and the text. */
  #crypt(bytes: Uint8Array, nonceAt: number, textAt: number, textEnd: number): Uint8Array {
    const length = textEnd - textAt;
    if (work.length < BLOCK + length) work = new Uint8Array(BLOCK + 2 * length);
    work.fill(0, 0, BLOCK);
    work.set(bytes.subarray(textAt, textEnd), BLOCK);
    for (let i = 0; i < AEAD_NONCE_BYTES; i++) counter[i] = bytes[nonceAt + i]!;
    counter[12] = counter[13] = counter[14] = 0;
    counter[15] = 1;
    const used = work.subarray(0, BLOCK + length);
    unsafe.ctr32(this.#schedule, false, counter, used, used);
    return work.subarray(BLOCK, BLOCK + length);
  }

  /** Leaves the tag over the additional data and the ciphertext, which is in `bytes`, in `tag`. */
  #authenticate(
    bytes: Uint8Array,
    aadAt: number,
    aadEnd: number,
    textAt: number,
    textEnd: number,
  ): void {
    const aadLength = aadEnd - aadAt, textLength = textEnd - textAt;
    const ghash = this.#ghash;
    ghash.reset();
    ghash.update(bytes, aadAt, aadLength);
    ghash.update(bytes, textAt, textLength);
    ghash.finish(aadLength, textLength, work, tag);
  }
}
