import { RTP_LENGTH, RTP_STATUS } from "../rtp/mod.ts";

/** Numbers per entry: the row, its length, its status. */
const ENTRY = 3;

/**
 * Rows of a batch whose outcome is known before the cipher sees it. They show the cipher a length of
 * zero, which it passes over as malformed without touching the packet, and get their length back.
 */
export class SetAside {
  #entries = new Uint32Array(16 * ENTRY);
  #count = 0;

  /** How many rows are set aside. */
  get count(): number {
    return this.#count;
  }

  /** Hides the row that begins at `row`. */
  hide(rows: Uint32Array, row: number, status: number): void {
    if ((this.#count + 1) * ENTRY > this.#entries.length) this.#grow();
    const at = this.#count++ * ENTRY;
    this.#entries[at] = row;
    this.#entries[at + 1] = rows[row + RTP_LENGTH]!;
    this.#entries[at + 2] = status;
    rows[row + RTP_LENGTH] = 0;
  }

  /** Gives all rows their lengths back, and their statuses. */
  restore(rows: Uint32Array): void {
    for (let at = 0; at < this.#count * ENTRY; at += ENTRY) {
      const row = this.#entries[at]!;
      rows[row + RTP_LENGTH] = this.#entries[at + 1]!;
      rows[row + RTP_STATUS] = this.#entries[at + 2]!;
    }
    this.#count = 0;
  }

  #grow(): void {
    const entries = new Uint32Array(2 * this.#entries.length);
    entries.set(this.#entries);
    this.#entries = entries;
  }
}
