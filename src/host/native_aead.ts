/**
 * AEADs of node:crypto. Each record is a cipher object of its own (there is no way to rewind one),
 * from a KeyObject that is made once: raw key bytes cost four times as much per record.
 */
import type * as NodeCrypto from "node:crypto";
import {
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  type AeadAlgorithm,
  type AeadRecord,
  RecordAeadKey,
} from "../crypto/mod.ts";

const OPTIONS = { authTagLength: AEAD_TAG_BYTES };

/** A prepared key. */
export class NativeAeadKey extends RecordAeadKey {
  readonly #crypto: typeof NodeCrypto;
  /** Typed as the one GCM name; ChaCha20-Poly1305 takes the same calls. */
  readonly #cipher: NodeCrypto.CipherGCMTypes;
  readonly #key: NodeCrypto.KeyObject;

  /** @param key as long as the algorithm asks */
  constructor(crypto: typeof NodeCrypto, algorithm: AeadAlgorithm, key: Uint8Array) {
    super();
    this.#crypto = crypto;
    this.#cipher = algorithm as NodeCrypto.CipherGCMTypes;
    this.#key = crypto.createSecretKey(key);
  }

  dispose(): void {
    // A KeyObject cannot be zeroed; its memory goes with the object.
  }

  protected sealRecord(
    bytes: Uint8Array,
    { nonceAt, aadAt, aadEnd, textAt, textEnd }: AeadRecord,
  ): void {
    const nonce = bytes.subarray(nonceAt, nonceAt + AEAD_NONCE_BYTES);
    const cipher = this.#crypto.createCipheriv(this.#cipher, this.#key, nonce, OPTIONS);
    cipher.setAAD(bytes.subarray(aadAt, aadEnd));
    bytes.set(cipher.update(bytes.subarray(textAt, textEnd)), textAt);
    cipher.final();
    bytes.set(cipher.getAuthTag(), textEnd);
  }

  protected openRecord(
    bytes: Uint8Array,
    { nonceAt, aadAt, aadEnd, textAt, textEnd }: AeadRecord,
  ): boolean {
    const nonce = bytes.subarray(nonceAt, nonceAt + AEAD_NONCE_BYTES);
    const cipher = this.#crypto.createDecipheriv(this.#cipher, this.#key, nonce, OPTIONS);
    cipher.setAAD(bytes.subarray(aadAt, aadEnd));
    cipher.setAuthTag(bytes.subarray(textEnd, textEnd + AEAD_TAG_BYTES));
    let text: Uint8Array | undefined;
    try {
      text = cipher.update(bytes.subarray(textAt, textEnd)); // where workerd looks at the tag
      cipher.final(); // throws for a wrong tag: the one way that node reports it
      bytes.set(text, textAt);
      return true;
    } catch {
      text?.fill(0);
      return false;
    }
  }
}
