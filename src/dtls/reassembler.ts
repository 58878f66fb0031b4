import { distance16, readU16, readU24 } from "../base/mod.ts";
import { HANDSHAKE_HEADER_BYTES, writeHandshakeHeader } from "./handshake_header.ts";

/**
 * Longest handshake message we take, bytes. A ClientHello with post-quantum shares has 2 kB, a
 * self-signed certificate 1 kB, a chain some kB; the 16 MiB of RFC 6347 §4.2.2 would be an
 * invitation to exhaust memory.
 */
export const MAX_HANDSHAKE_MESSAGE_BYTES: number = 1 << 15;

/** How many messages behind the next one may arrive early: no flight has more than six (RFC 6347 §4.2.4). */
const MAX_AHEAD = 8;

/** Ranges with gaps between them per message; 32 KiB in packets of 200 bytes stay below. */
const MAX_RANGES = 200;

/** A whole handshake message. */
export interface HandshakeMessage {
  /** Message type. */
  readonly type: number;
  /** Its sequence number. */
  readonly sequence: number;
  /** Epoch of the records that carried it. */
  readonly epoch: number;
  /** With a header as if unfragmented: what the transcript takes (RFC 6347 §4.2.6). */
  readonly raw: Uint8Array;
  /** Behind the header; a view of `raw`. */
  readonly body: Uint8Array;
}

/** What became of a fragment. */
export type FragmentFate = "taken" | "duplicate" | "repeated-flight" | "dropped";

/** A message of which some bytes are here. */
class Partial {
  readonly type: number;
  readonly epoch: number;
  readonly raw: Uint8Array;
  /** Pairs of start and end, ascending, disjoint, not touching. */
  readonly #ranges: number[] = [];

  constructor(type: number, length: number, sequence: number, epoch: number) {
    this.type = type;
    this.epoch = epoch;
    this.raw = new Uint8Array(HANDSHAKE_HEADER_BYTES + length);
    writeHandshakeHeader(this.raw, 0, type, length, sequence, 0, length);
  }

  get length(): number {
    return this.raw.length - HANDSHAKE_HEADER_BYTES;
  }

  get complete(): boolean {
    return this.length === 0 ||
      (this.#ranges.length === 2 && this.#ranges[0] === 0 && this.#ranges[1] === this.length);
  }

  add(start: number, bytes: Uint8Array): boolean {
    const end = start + bytes.length;
    const ranges = this.#ranges;
    let first = 0;
    while (first < ranges.length && ranges[first + 1]! < start) first += 2;
    let last = first;
    let low = start, high = end;
    while (last < ranges.length && ranges[last]! <= end) {
      low = Math.min(low, ranges[last]!);
      high = Math.max(high, ranges[last + 1]!);
      last += 2;
    }
    if (first === last && ranges.length >= 2 * MAX_RANGES) return false;
    ranges.splice(first, last - first, low, high);
    this.raw.set(bytes, HANDSHAKE_HEADER_BYTES + start);
    return true;
  }
}

/**
 * Puts handshake messages together from fragments in any order, overlapping or repeated, and hands
 * them out in sequence (RFC 6347 §4.2.3). Memory is bounded by the message being assembled and as
 * much again for all that arrive early.
 */
export class Reassembler {
  /** New messages are only taken from this epoch on. */
  minEpoch = 0;
  /** Outcome of the last {@linkcode Reassembler.push}. */
  fate: FragmentFate = "dropped";
  readonly #partials: Map<number, Partial> = new Map();
  #next = 0;
  #aheadBytes = 0;

  /** Sequence number of the message to be taken next. */
  get next(): number {
    return this.#next;
  }

  /**
   * Takes the fragment at `at`, header and all, and returns the offset behind it, or −1 when the
   * rest of the record cannot be parsed. {@linkcode Reassembler.fate} tells what became of it.
   */
  push(record: Uint8Array, at: number, epoch: number): number {
    this.fate = "dropped";
    const bodyAt = at + HANDSHAKE_HEADER_BYTES;
    if (bodyAt > record.length) return -1;
    const length = readU24(record, at + 1);
    const sequence = readU16(record, at + 4);
    const offset = readU24(record, at + 6);
    const fragmentLength = readU24(record, at + 9);
    const end = bodyAt + fragmentLength;
    if (end > record.length || offset + fragmentLength > length) return -1;
    if (fragmentLength === 0 && length !== 0) return end;
    const ahead = distance16(this.#next, sequence);
    if (ahead < 0) {
      // The end of the last message the peer sent before our answer: it has not heard the answer.
      const isEnd = ahead === -1 && offset + fragmentLength === length;
      this.fate = isEnd ? "repeated-flight" : "duplicate";
    } else if (
      epoch >= this.minEpoch && ahead < MAX_AHEAD && length <= MAX_HANDSHAKE_MESSAGE_BYTES
    ) {
      const partial = this.#partialFor(record[at]!, length, sequence, epoch, ahead);
      if (partial?.add(offset, record.subarray(bodyAt, end))) this.fate = "taken";
    }
    return end;
  }

  /** The next message if all of it is here; it stays until {@linkcode Reassembler.advance}. */
  peek(): HandshakeMessage | undefined {
    const partial = this.#partials.get(this.#next);
    if (!partial?.complete) return undefined;
    const { type, epoch, raw } = partial;
    const body = raw.subarray(HANDSHAKE_HEADER_BYTES);
    return { type, sequence: this.#next, epoch, raw, body };
  }

  /** Lets go of the next message and makes the one behind it the next. */
  advance(): void {
    this.#forget(this.#next);
    this.#next = (this.#next + 1) & 0xffff;
    const next = this.#partials.get(this.#next);
    if (next !== undefined) this.#aheadBytes -= next.raw.length;
  }

  /** Forgets everything that is not whole yet. */
  clear(): void {
    this.#partials.clear();
    this.#aheadBytes = 0;
  }

  #partialFor(
    type: number,
    length: number,
    sequence: number,
    epoch: number,
    ahead: number,
  ): Partial | undefined {
    const known = this.#partials.get(sequence);
    if (known !== undefined) {
      if (known.type === type && known.length === length && known.epoch === epoch) return known;
      // What came encrypted stays. Otherwise the newer claim wins, so that a forged fragment cannot
      // block a message for longer than one retransmission.
      if (known.epoch > epoch || known.complete && known.epoch === epoch) return undefined;
      if (ahead > 0) this.#aheadBytes -= known.raw.length;
      this.#forget(sequence);
    }
    const size = HANDSHAKE_HEADER_BYTES + length;
    if (ahead > 0) {
      if (this.#aheadBytes + size > MAX_HANDSHAKE_MESSAGE_BYTES) return undefined;
      this.#aheadBytes += size;
    }
    const partial = new Partial(type, length, sequence, epoch);
    this.#partials.set(sequence, partial);
    return partial;
  }

  #forget(sequence: number): void {
    this.#partials.delete(sequence);
  }
}
