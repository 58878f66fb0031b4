/**
 * AES-GCM (NIST SP 800-38D) in batches: {@linkcode AesKey} with a key schedule made once per key, and
 * {@linkcode Ghash} with its table made once per key. Tags are checked before anything is decrypted.
 */
import { constantTimeEqual, readU32 } from "../base/mod.ts";
import { AEAD_TAG_BYTES } from "./aead.ts";
import { AesKey } from "./aes.ts";
import { Ghash } from "./ghash.ts";
import { type AeadRecord, RecordAeadKey } from "./record_aead.ts";

const BLOCK = 16;
/** SP 800-38D §7.1: the counter of J0, the block that masks the tag; texts begin with the next. */
const MASK_COUNTER = 1;

/** A prepared AES-GCM key of 16 or 32 bytes. */
export class TsGcmKey extends RecordAeadKey {
  readonly #aes: AesKey;
  readonly #ghash: Ghash;
  readonly #mask = new Uint8Array(BLOCK);
  readonly #tag = new Uint8Array(AEAD_TAG_BYTES);

  /** @param key 16 or 32 bytes */
  constructor(key: Uint8Array) {
    super();
    this.#aes = new AesKey(key);
    const hashKey = new Uint8Array(BLOCK);
    this.#aes.encryptBlock(0, 0, 0, 0, hashKey, 0);
    this.#ghash = new Ghash(hashKey);
    hashKey.fill(0);
  }

  dispose(): void {
    this.#aes.dispose();
    this.#ghash.dispose();
    this.#mask.fill(0);
    this.#tag.fill(0);
  }

  protected sealRecord(bytes: Uint8Array, record: AeadRecord): void {
    this.#crypt(bytes, record);
    this.#authenticate(bytes, record);
    bytes.set(this.#tag, record.textEnd);
  }

  protected openRecord(bytes: Uint8Array, record: AeadRecord): boolean {
    const { textEnd } = record;
    this.#authenticate(bytes, record);
    const ok = constantTimeEqual(bytes.subarray(textEnd, textEnd + AEAD_TAG_BYTES), this.#tag);
    if (ok) this.#crypt(bytes, record);
    return ok;
  }

  /** SP 800-38D §7.1 steps 2 and 3: counter mode behind J0 = nonce ‖ 1 over the text, in place. */
  #crypt(bytes: Uint8Array, { nonceAt, textAt, textEnd }: AeadRecord): void {
    this.#aes.xorKeystream(
      bytes,
      textAt,
      textEnd,
      readU32(bytes, nonceAt),
      readU32(bytes, nonceAt + 4),
      readU32(bytes, nonceAt + 8),
      MASK_COUNTER + 1,
    );
  }

  /** Leaves the tag over the additional data and the ciphertext, which is in `bytes`, in `#tag`. */
  #authenticate(
    bytes: Uint8Array,
    { nonceAt, aadAt, aadEnd, textAt, textEnd }: AeadRecord,
  ): void {
    this.#aes.encryptBlock(
      readU32(bytes, nonceAt),
      readU32(bytes, nonceAt + 4),
      readU32(bytes, nonceAt + 8),
      MASK_COUNTER,
      this.#mask,
      0,
    );
    const aadLength = aadEnd - aadAt, textLength = textEnd - textAt;
    const ghash = this.#ghash;
    ghash.reset();
    ghash.update(bytes, aadAt, aadLength);
    ghash.update(bytes, textAt, textLength);
    ghash.finish(aadLength, textLength, this.#mask, this.#tag);
  }
}
