import type { OutgoingMessage } from "./outgoing_message.ts";

/** Small messages share blocks, each twice the last one's size up to this: one allocation for hundreds. */
const MAX_BLOCK_BYTES = 64 * 1024;

/** Larger messages get a buffer of their own. */
const SHARED_MAX_BYTES = 4096;

/** The first block: an association that opens a channel and rests costs no more. */
const MIN_BLOCK_BYTES = SHARED_MAX_BYTES;

/** Copies what the caller lends, once; the copy lives until the message is acknowledged. */
export class MessageStore {
  #block: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Points `message` at a copy of `data`. */
  store(data: Uint8Array, message: OutgoingMessage): void {
    const { length } = data;
    if (length > SHARED_MAX_BYTES) {
      // Not `data.slice()`: of a Node Buffer that would be a view.
      message.bytes = new Uint8Array(length);
      message.bytes.set(data);
      message.at = 0;
      message.end = length;
      return;
    }
    if (this.#at + length > this.#block.length) {
      const size = Math.min(2 * this.#block.length, MAX_BLOCK_BYTES);
      this.#block = new Uint8Array(Math.max(size, MIN_BLOCK_BYTES));
      this.#at = 0;
    }
    const at = this.#at;
    this.#block.set(data, at);
    this.#at = at + length;
    message.bytes = this.#block;
    message.at = at;
    message.end = this.#at;
  }
}
