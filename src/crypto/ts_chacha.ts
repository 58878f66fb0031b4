/** ChaCha20-Poly1305 (RFC 8439 §2.8) in batches over noble, whose one-time keys need no preparation. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { AEAD_NONCE_BYTES, AEAD_TAG_BYTES } from "./aead.ts";
import { type AeadRecord, RecordAeadKey } from "./record_aead.ts";

/** A ChaCha20-Poly1305 key. */
export class TsChaChaKey extends RecordAeadKey {
  readonly #key: Uint8Array;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    super();
    this.#key = key.slice();
  }

  dispose(): void {
    this.#key.fill(0);
  }

  protected sealRecord(
    bytes: Uint8Array,
    { nonceAt, aadAt, aadEnd, textAt, textEnd }: AeadRecord,
  ): void {
    const cipher = this.#cipher(bytes, nonceAt, aadAt, aadEnd);
    bytes.set(cipher.encrypt(bytes.subarray(textAt, textEnd)), textAt);
  }

  protected openRecord(
    bytes: Uint8Array,
    { nonceAt, aadAt, aadEnd, textAt, textEnd }: AeadRecord,
  ): boolean {
    try {
      const cipher = this.#cipher(bytes, nonceAt, aadAt, aadEnd);
      bytes.set(cipher.decrypt(bytes.subarray(textAt, textEnd + AEAD_TAG_BYTES)), textAt);
      return true;
    } catch {
      return false;
    }
  }

  #cipher(
    bytes: Uint8Array,
    nonceAt: number,
    aadAt: number,
    aadEnd: number,
  ): ReturnType<typeof chacha20poly1305> {
    const nonce = bytes.subarray(nonceAt, nonceAt + AEAD_NONCE_BYTES);
    return chacha20poly1305(this.#key, nonce, bytes.subarray(aadAt, aadEnd));
  }
}
