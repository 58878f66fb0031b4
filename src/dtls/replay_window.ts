/**
 * Anti-replay window of one epoch (RFC 6347 §4.1.2.6): which of the last {@linkcode WINDOW} sequence
 * numbers were authenticated. A ring of bits; sequence numbers of an epoch never wrap, so plain
 * comparison is right here.
 */
export class ReplayWindow {
  /** Highest sequence number seen, or −1. */
  #top = -1;
  readonly #bits: Uint32Array = new Uint32Array(WINDOW / 32);

  /** Whether a record with this number may still be taken. Changes nothing. */
  fresh(sequence: number): boolean {
    if (sequence > this.#top) return true;
    if (sequence <= this.#top - WINDOW) return false;
    const bit = sequence % WINDOW;
    return (this.#bits[bit >>> 5]! & (1 << (bit & 31))) === 0;
  }

  /** Notes an authenticated record. Returns `false`, and notes nothing, when it is a replay. */
  accept(sequence: number): boolean {
    if (!this.fresh(sequence)) return false;
    if (sequence > this.#top) this.#advance(sequence);
    const bit = sequence % WINDOW;
    this.#bits[bit >>> 5]! |= 1 << (bit & 31);
    return true;
  }

  #advance(sequence: number): void {
    if (sequence - this.#top >= WINDOW) {
      this.#bits.fill(0);
    } else {
      for (let skipped = this.#top + 1; skipped < sequence; skipped++) this.#clear(skipped);
      this.#clear(sequence);
    }
    this.#top = sequence;
  }

  #clear(sequence: number): void {
    const bit = sequence % WINDOW;
    this.#bits[bit >>> 5]! &= ~(1 << (bit & 31));
  }
}

/**
 * RFC 6347 §4.1.2.6 asks for at least 32 and prefers 64. 1024 lets a burst of a megabyte be
 * reordered as a whole, for 128 bytes of memory.
 */
const WINDOW = 1024;
