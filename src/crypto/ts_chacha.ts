/** ChaCha20-Poly1305 (RFC 8439 §2.8) in batches over noble, whose one-time keys need no preparation. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
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

/** A ChaCha20-Poly1305 key. */
export class TsChaChaKey implements AeadKey {
  readonly #key: Uint8Array;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#key = key.slice();
  }

  seal(batch: AeadBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const row = i * AEAD_COLUMNS;
      const textAt = batch.rows[row + AEAD_TEXT_AT]!;
      const textEnd = textAt + batch.rows[row + AEAD_TEXT_LENGTH]!;
      const sealed = this.#cipher(batch, row).encrypt(batch.bytes.subarray(textAt, textEnd));
      batch.bytes.set(sealed, textAt);
    }
  }

  open(batch: AeadBatch): void {
    const { bytes, rows } = batch;
    for (let i = 0; i < batch.count; i++) {
      const row = i * AEAD_COLUMNS;
      const textAt = rows[row + AEAD_TEXT_AT]!;
      const textEnd = textAt + rows[row + AEAD_TEXT_LENGTH]!;
      try {
        const sealed = bytes.subarray(textAt, textEnd + AEAD_TAG_BYTES);
        bytes.set(this.#cipher(batch, row).decrypt(sealed), textAt);
        rows[row + AEAD_OK] = 1;
      } catch {
        bytes.fill(0, textAt, textEnd);
        rows[row + AEAD_OK] = 0;
      }
    }
  }

  dispose(): void {
    this.#key.fill(0);
  }

  #cipher({ bytes, rows }: AeadBatch, row: number): ReturnType<typeof chacha20poly1305> {
    const nonceAt = rows[row + AEAD_NONCE_AT]!, aadAt = rows[row + AEAD_AAD_AT]!;
    const nonce = bytes.subarray(nonceAt, nonceAt + AEAD_NONCE_BYTES);
    const aad = bytes.subarray(aadAt, aadAt + rows[row + AEAD_AAD_LENGTH]!);
    return chacha20poly1305(this.#key, nonce, aad);
  }
}
