import { add32, before32, distance32, writeU16, writeU32 } from "../base/mod.ts";
import { SACK_ENTRY_BYTES, SACK_HEADER_BYTES, writeSackHeader } from "./sack_chunk.ts";

/** What became of a TSN: it is new. */
export const TSN_NEW = 0;
/** It had arrived before. */
export const TSN_DUPLICATE = 1;
/** It lies further ahead than a SACK could report. */
export const TSN_BEYOND = 2;

/** Gap ack blocks count in 16 bits from the cumulative TSN (RFC 9260 §3.3.4): no SACK tells more. */
const WINDOW = 0xffff;
const RING_WORDS = (WINDOW + 1) / 32;

/** Duplicates are advice to the sender (RFC 9260 §6.2): as many as one SACK has use for. */
const MAX_DUPLICATES = 20;

/**
 * Which TSNs have arrived (RFC 9260 §6.2): a cumulative point, and a ring of bits for what lies beyond
 * it, so that memory is 8 KiB at most, whatever the peer sends, and no gap list is searched.
 */
export class DataTracker {
  #cumulative: number;
  #highest: number;
  /** Bit `tsn & 0xffff`; only those behind `#cumulative` up to `#highest` are ever set. */
  #bits: Int32Array | undefined;
  readonly #duplicates = new Uint32Array(MAX_DUPLICATES);
  #duplicateCount = 0;

  /** @param initialTsn the first TSN that the peer will send */
  constructor(initialTsn: number) {
    this.#cumulative = this.#highest = add32(initialTsn, -1);
  }

  /** Everything up to here has arrived. */
  get cumulativeTsn(): number {
    return this.#cumulative;
  }

  /** Whether something beyond the cumulative point has arrived. */
  get hasGaps(): boolean {
    return this.#highest !== this.#cumulative;
  }

  /** What {@linkcode DataTracker.add} would say, without taking the TSN. */
  judge(tsn: number): number {
    const ahead = distance32(this.#cumulative, tsn);
    if (ahead <= 0) return TSN_DUPLICATE;
    if (ahead > WINDOW) return TSN_BEYOND;
    return this.hasGaps && !before32(this.#highest, tsn) && this.#has(tsn)
      ? TSN_DUPLICATE
      : TSN_NEW;
  }

  /** Takes a TSN that {@linkcode DataTracker.judge} called new. */
  add(tsn: number): void {
    if (tsn === add32(this.#cumulative, 1)) {
      this.#cumulative = tsn;
      if (before32(this.#highest, tsn)) this.#highest = tsn;
      else this.#advance();
      return;
    }
    const bits = this.#bits ??= new Int32Array(RING_WORDS);
    bits[(tsn & WINDOW) >>> 5]! |= 1 << (tsn & 31);
    if (before32(this.#highest, tsn)) this.#highest = tsn;
  }

  /** Notes a duplicate for the next SACK. */
  addDuplicate(tsn: number): void {
    if (this.#duplicateCount < MAX_DUPLICATES) this.#duplicates[this.#duplicateCount++] = tsn;
  }

  /** FORWARD TSN: everything up to `tsn` counts as received (RFC 3758 §3.6). */
  forward(tsn: number): void {
    if (!before32(this.#cumulative, tsn)) return;
    if (before32(tsn, this.#highest)) {
      for (let t = add32(this.#cumulative, 1); !before32(tsn, t); t = add32(t, 1)) this.#clear(t);
      this.#cumulative = tsn;
      this.#advance();
    } else {
      this.#bits?.fill(0);
      this.#cumulative = this.#highest = tsn;
    }
  }

  /** Writes a SACK at `out[at]` that ends before `end`; blocks that do not fit are left out. */
  writeSack(out: Uint8Array, at: number, end: number, window: number): number {
    const start = at;
    at += SACK_HEADER_BYTES;
    let blocks = 0;
    if (this.hasGaps) {
      const extent = distance32(this.#cumulative, this.#highest);
      for (let from = 2; from <= extent && at + SACK_ENTRY_BYTES <= end; blocks++) {
        from = this.#find(from, extent, 0);
        const to = this.#find(from, extent, -1) - 1;
        at = writeU16(out, at, from);
        at = writeU16(out, at, to);
        from = to + 1;
      }
    }
    let duplicates = 0;
    while (duplicates < this.#duplicateCount && at + SACK_ENTRY_BYTES <= end) {
      at = writeU32(out, at, this.#duplicates[duplicates++]!);
    }
    this.#duplicateCount = 0;
    writeSackHeader(out, start, this.#cumulative, window, blocks, duplicates);
    return at;
  }

  /** First offset in `from…extent` whose bit differs from those of `skip` (0 or −1), or `extent + 1`. */
  #find(from: number, extent: number, skip: number): number {
    const bits = this.#bits!;
    while (from <= extent) {
      const index = (this.#cumulative + from) & WINDOW;
      const word = (bits[index >>> 5]! ^ skip) >>> (index & 31);
      if (word !== 0) return Math.min(from + 31 - Math.clz32(word & -word), extent + 1);
      from += 32 - (index & 31);
    }
    return extent + 1;
  }

  #has(tsn: number): boolean {
    return ((this.#bits![(tsn & WINDOW) >>> 5]! >>> (tsn & 31)) & 1) !== 0;
  }

  #clear(tsn: number): void {
    this.#bits![(tsn & WINDOW) >>> 5]! &= ~(1 << (tsn & 31));
  }

  /** Moves the cumulative point over what had arrived ahead of it. */
  #advance(): void {
    while (this.hasGaps) {
      const next = add32(this.#cumulative, 1);
      if (!this.#has(next)) return;
      this.#clear(next);
      this.#cumulative = next;
    }
  }
}
