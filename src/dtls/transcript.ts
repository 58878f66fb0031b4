import { writeBytes } from "../base/mod.ts";

/**
 * Every handshake message so far, as if each had been sent unfragmented (RFC 6347 §4.2.6). The bytes
 * are kept, not a running hash: CertificateVerify signs them with a hash that is only known later
 * (RFC 5246 §7.4.8).
 */
export class Transcript {
  #bytes: Uint8Array = new Uint8Array(4096);
  #length = 0;

  /** Adds one message with its 12-byte header. */
  append(message: Uint8Array): void {
    const length = this.#length + message.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.bytes());
      this.#bytes = grown;
    }
    this.#length = writeBytes(this.#bytes, this.#length, message);
  }

  /** All of it: a view, lent until the next change. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Starts over: a HelloVerifyRequest takes itself and what was before out (RFC 6347 §4.2.1). */
  clear(): void {
    this.#length = 0;
  }
}
