import type { Address } from "../base/mod.ts";
import type { IceTransmit } from "./types.ts";

/** Holds the largest message an agent writes: two fragments of 256, and 120 bytes around them. */
const BUFFER_BYTES = 768;

/** One message on its way out, in a buffer that is used again. */
class Slot implements IceTransmit {
  readonly buffer: Uint8Array = new Uint8Array(BUFFER_BYTES);
  bytes: Uint8Array = this.buffer;
  to: Address;
  base: object;

  constructor(to: Address, base: object) {
    this.to = to;
    this.base = base;
  }
}

/**
 * What is to be sent. The buffers are used again once everything was taken, so an owner that drains
 * the queue after every call lets it stay as long as its longest burst.
 */
export class TransmitQueue {
  readonly #slots: Slot[] = [];
  #head = 0;
  #tail = 0;

  /** A buffer to write a message into, followed by {@linkcode TransmitQueue.commit}. */
  claim(to: Address, base: object): Uint8Array {
    if (this.#head === this.#tail) this.#head = this.#tail = 0;
    let slot = this.#slots[this.#tail];
    if (slot === undefined) {
      slot = new Slot(to, base);
      this.#slots.push(slot);
    }
    slot.to = to;
    slot.base = base;
    return slot.buffer;
  }

  /** Queues the claimed message, which has this length. */
  commit(length: number): void {
    const slot = this.#slots[this.#tail++]!;
    slot.bytes = slot.buffer.subarray(0, length);
  }

  /** Takes the oldest message. */
  poll(): IceTransmit | undefined {
    return this.#head < this.#tail ? this.#slots[this.#head++] : undefined;
  }

  /** Drops what was not taken. */
  clear(): void {
    this.#head = this.#tail = 0;
  }
}
