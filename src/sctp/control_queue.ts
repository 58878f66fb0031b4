import { Ring } from "../base/mod.ts";

/** A whole answer that does not belong to a control block: one chunk in a packet of its own. */
export interface Reply {
  /** Verification tag of the packet. */
  readonly tag: number;
  /** The chunk. */
  readonly chunk: Uint8Array;
}

/**
 * Chunks and replies that may wait. The peer can provoke each of them with a packet; what does not fit
 * is left out, as if it had been lost.
 */
const MAX_WAITING = 32;

/** Control chunks that wait for the next packet. Small and rare: each is encoded when it is queued. */
export class ControlQueue {
  readonly #chunks = new Ring<Uint8Array>(4);
  readonly #replies = new Ring<Reply>(4);

  /** The chunk that is to be written next, or `undefined`. */
  get next(): Uint8Array | undefined {
    return this.#chunks.peek();
  }

  /** Queues a chunk, padding included. */
  push(chunk: Uint8Array): void {
    if (this.#chunks.length < MAX_WAITING) this.#chunks.push(chunk);
  }

  /** The chunk has been written. */
  shift(): void {
    this.#chunks.shift();
  }

  /** Queues a reply. */
  pushReply(tag: number, chunk: Uint8Array): void {
    if (this.#replies.length < MAX_WAITING) this.#replies.push({ tag, chunk });
  }

  /** Takes the oldest reply. */
  shiftReply(): Reply | undefined {
    return this.#replies.shift();
  }

  /** Drops the chunks: their control block is gone. */
  clear(): void {
    this.#chunks.clear();
  }
}
