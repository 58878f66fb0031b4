/**
 * AEADs of node:crypto. Each record is a cipher object of its own (there is no way to rewind one),
 * from a KeyObject that is made once: raw key bytes cost four times as much per record.
 */
import type * as NodeCrypto from "node:crypto";
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
  type AeadAlgorithm,
  type AeadBatch,
  type AeadKey,
} from "../crypto/mod.ts";

const OPTIONS = { authTagLength: AEAD_TAG_BYTES };

/** A prepared key. */
export class NativeAeadKey implements AeadKey {
  readonly #crypto: typeof NodeCrypto;
  /** Typed as the one GCM name; ChaCha20-Poly1305 takes the same calls. */
  readonly #cipher: NodeCrypto.CipherGCMTypes;
  readonly #key: NodeCrypto.KeyObject;

  /** @param key as long as the algorithm asks */
  constructor(crypto: typeof NodeCrypto, algorithm: AeadAlgorithm, key: Uint8Array) {
    this.#crypto = crypto;
    this.#cipher = algorithm as NodeCrypto.CipherGCMTypes;
    this.#key = crypto.createSecretKey(key);
  }

  seal(batch: AeadBatch): void {
    const { bytes, rows } = batch;
    for (let i = 0; i < batch.count; i++) {
      const row = i * AEAD_COLUMNS;
      const nonceAt = rows[row + AEAD_NONCE_AT]!, aadAt = rows[row + AEAD_AAD_AT]!;
      const textAt = rows[row + AEAD_TEXT_AT]!;
      const textEnd = textAt + rows[row + AEAD_TEXT_LENGTH]!;
      const nonce = bytes.subarray(nonceAt, nonceAt + AEAD_NONCE_BYTES);
      const cipher = this.#crypto.createCipheriv(this.#cipher, this.#key, nonce, OPTIONS);
      cipher.setAAD(bytes.subarray(aadAt, aadAt + rows[row + AEAD_AAD_LENGTH]!));
      bytes.set(cipher.update(bytes.subarray(textAt, textEnd)), textAt);
      cipher.final();
      bytes.set(cipher.getAuthTag(), textEnd);
    }
  }

  open(batch: AeadBatch): void {
    const { bytes, rows } = batch;
    for (let i = 0; i < batch.count; i++) {
      const row = i * AEAD_COLUMNS;
      const nonceAt = rows[row + AEAD_NONCE_AT]!, aadAt = rows[row + AEAD_AAD_AT]!;
      const textAt = rows[row + AEAD_TEXT_AT]!;
      const textEnd = textAt + rows[row + AEAD_TEXT_LENGTH]!;
      const nonce = bytes.subarray(nonceAt, nonceAt + AEAD_NONCE_BYTES);
      const cipher = this.#crypto.createDecipheriv(this.#cipher, this.#key, nonce, OPTIONS);
      cipher.setAAD(bytes.subarray(aadAt, aadAt + rows[row + AEAD_AAD_LENGTH]!));
      cipher.setAuthTag(bytes.subarray(textEnd, textEnd + AEAD_TAG_BYTES));
      const text = cipher.update(bytes.subarray(textAt, textEnd));
      try {
        cipher.final(); // throws for a wrong tag: the one way that node reports it
        bytes.set(text, textAt);
        rows[row + AEAD_OK] = 1;
      } catch {
        text.fill(0);
        bytes.fill(0, textAt, textEnd);
        rows[row + AEAD_OK] = 0;
      }
    }
  }

  dispose(): void {
    // A KeyObject cannot be zeroed; its memory goes with the object.
  }
}
