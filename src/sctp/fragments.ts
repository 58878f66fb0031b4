import { add32, before32 } from "../base/mod.ts";
import { DATA_BEGIN, DATA_END, DATA_UNORDERED, type DataFields } from "./data_chunk.ts";

/** What a buffered run or message costs beside its bytes; keeps tiny fragments from costing nothing. */
export const OVERHEAD_BYTES = 256;

/** Memory that received data holds, shared by all that hold it. */
export interface MemoryAccount {
  /** Bytes held now. */
  bytes: number;
  /** Bytes that may be held. */
  readonly limit: number;
}

/** Consecutive fragments of one message, in one buffer with room to grow at both ends. */
export class FragmentRun {
  /** Sequence number (TSN of DATA, fragment number of I-DATA) of the first fragment. */
  first: number;
  /** Sequence number of the last fragment. */
  last: number;
  /** `DATA_BEGIN`, `DATA_END` as far as seen, and `DATA_UNORDERED`. */
  flags: number;
  /** Payload protocol identifier; right once the first fragment is there. */
  ppid: number;
  /** Stream identifier. */
  readonly streamId: number;
  /** Stream sequence number or message identifier. */
  readonly messageNumber: number;
  #buffer: Uint8Array<ArrayBuffer>;
  #from = 0;
  #to: number;

  /** Begins a run with one fragment of `packet`. */
  constructor(sequence: number, fields: DataFields, packet: Uint8Array, capacity: number) {
    this.first = this.last = sequence;
    this.flags = fields.flags;
    this.ppid = fields.ppid;
    this.streamId = fields.streamId;
    this.messageNumber = fields.messageNumber;
    const length = fields.dataEnd - fields.dataAt;
    this.#buffer = new Uint8Array(Math.max(capacity, length));
    this.#buffer.set(packet.subarray(fields.dataAt, fields.dataEnd));
    this.#to = length;
  }

  /** Bytes of user data. */
  get length(): number {
    return this.#to - this.#from;
  }

  /** Bytes of memory. */
  get cost(): number {
    return this.#buffer.length + OVERHEAD_BYTES;
  }

  /** The bytes of user data, a view. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#from, this.#to);
  }

  /** Whether a fragment belongs to the same message. RFC 9260 §3.3.1: with U, the SSN says nothing. */
  matches(fields: DataFields): boolean {
    return this.streamId === fields.streamId &&
      ((this.flags ^ fields.flags) & DATA_UNORDERED) === 0 &&
      ((this.flags & DATA_UNORDERED) !== 0 || this.messageNumber === fields.messageNumber);
  }

  /** Adds bytes behind. `spareBytes`: memory that is left, this run's own included. */
  append(bytes: Uint8Array, spareBytes: number): void {
    const needed = this.#to + bytes.length;
    if (needed > this.#buffer.length) {
      this.#grow(this.#from, needed + reserve(this.length, spareBytes));
    }
    this.#buffer.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** Adds bytes in front. `spareBytes`: memory that is left, this run's own included. */
  prepend(bytes: Uint8Array, spareBytes: number): void {
    if (bytes.length > this.#from) {
      const front = bytes.length + reserve(this.length, spareBytes);
      this.#grow(front, front + this.length);
    }
    this.#from -= bytes.length;
    this.#buffer.set(bytes, this.#from);
  }

  /** Takes over the buffer of the run behind this one, with this one's bytes put in front. */
  adopt(after: FragmentRun, spareBytes: number): void {
    after.prepend(this.bytes, spareBytes);
    this.#buffer = after.#buffer;
    this.#from = after.#from;
    this.#to = after.#to;
  }

  /** The whole message, in a buffer of exactly its size. The run must not be used afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const whole = this.#from === 0 && this.#to === this.#buffer.length;
    return whole ? this.#buffer : this.#buffer.slice(this.#from, this.#to);
  }

  #grow(from: number, capacity: number): void {
    const buffer = new Uint8Array(capacity);
    buffer.set(this.bytes, from);
    this.#to = from + this.length;
    this.#from = from;
    this.#buffer = buffer;
  }
}

/**
 * Bytes that a buffer gets beyond what it needs when it grows: doubled while memory is plenty, so that
 * growing costs little; little where it would fill the account with what holds nothing.
 */
function reserve(length: number, spareBytes: number): number {
  if (4 * length <= spareBytes) return length;
  return 2 * length <= spareBytes ? length >>> 3 : MIN_RESERVE_BYTES;
}

/** Less would have a large message copied for every few bytes that come. */
const MIN_RESERVE_BYTES = 4096;

/**
 * Fragments that wait for others, as runs in the order of their sequence numbers. In DATA the fragments
 * of a message have consecutive TSNs, so one list serves all streams; in I-DATA each message has its own.
 */
export class FragmentList {
  readonly #runs: FragmentRun[] = [];
  readonly #account: MemoryAccount;

  /** @param account where the memory is counted */
  constructor(account: MemoryAccount) {
    this.#account = account;
  }

  /** How many runs wait. */
  get length(): number {
    return this.#runs.length;
  }

  /**
   * Adds one fragment, and returns its run: complete (both flags set) and removed from the list, or
   * still waiting. `undefined` when the sequence number was there already.
   *
   * @param expectedBytes how large the message may become, as a hint for the first allocation
   */
  insert(
    sequence: number,
    fields: DataFields,
    packet: Uint8Array,
    expectedBytes: number,
  ): FragmentRun | undefined {
    const runs = this.#runs;
    const at = this.#search(sequence);
    const before = runs[at - 1];
    const after = runs[at];
    if (before !== undefined && !before32(before.last, sequence)) return undefined;
    const joinsBefore = before !== undefined && add32(before.last, 1) === sequence &&
      ((before.flags & DATA_END) | (fields.flags & DATA_BEGIN)) === 0 && before.matches(fields);
    const joinsAfter = after !== undefined && add32(sequence, 1) === after.first &&
      ((after.flags & DATA_BEGIN) | (fields.flags & DATA_END)) === 0 && after.matches(fields);
    const bytes = packet.subarray(fields.dataAt, fields.dataEnd);
    let run: FragmentRun;
    let index = at;
    if (joinsBefore) {
      run = before;
      index = at - 1;
      this.#account.bytes -= run.cost;
      run.append(bytes, this.#spareBytes);
      run.last = sequence;
      run.flags |= fields.flags;
      if (joinsAfter) this.#merge(run, after, at);
    } else if (joinsAfter) {
      run = after;
      this.#account.bytes -= run.cost;
      run.prepend(bytes, this.#spareBytes);
      run.first = sequence;
      run.flags |= fields.flags;
      run.ppid = fields.ppid;
    } else {
      const room = this.#account.bytes + 2 * expectedBytes < this.#account.limit;
      const begins = (fields.flags & DATA_BEGIN) !== 0;
      run = new FragmentRun(sequence, fields, packet, begins && room ? expectedBytes : 0);
      if (at === runs.length) runs.push(run);
      else runs.splice(at, 0, run);
    }
    if ((run.flags & (DATA_BEGIN | DATA_END)) === (DATA_BEGIN | DATA_END)) {
      if (index === runs.length - 1) runs.pop();
      else runs.splice(index, 1);
    } else this.#account.bytes += run.cost;
    return run;
  }

  /** Drops every run that begins at or before `sequence`. */
  dropUpTo(sequence: number): void {
    const runs = this.#runs;
    let count = 0;
    while (count < runs.length && !before32(sequence, runs[count]!.first)) {
      this.#account.bytes -= runs[count++]!.cost;
    }
    if (count > 0) runs.splice(0, count);
  }

  /** Drops the runs of a stream. */
  dropStream(streamId: number): void {
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      if (this.#runs[i]!.streamId !== streamId) continue;
      this.#account.bytes -= this.#runs[i]!.cost;
      this.#runs.splice(i, 1);
    }
  }

  /** Drops everything. */
  clear(): void {
    for (const run of this.#runs) this.#account.bytes -= run.cost;
    this.#runs.length = 0;
  }

  get #spareBytes(): number {
    return this.#account.limit - this.#account.bytes;
  }

  /** Joins two runs whose gap has closed; the smaller one is copied, so that work stays bounded. */
  #merge(run: FragmentRun, after: FragmentRun, afterIndex: number): void {
    this.#account.bytes -= after.cost;
    this.#runs.splice(afterIndex, 1);
    if (run.length >= after.length) run.append(after.bytes, this.#spareBytes);
    else run.adopt(after, this.#spareBytes);
    run.last = after.last;
    run.flags |= after.flags;
  }

  /** Index of the first run that begins behind `sequence`. New data arrives at the end. */
  #search(sequence: number): number {
    const runs = this.#runs;
    let low = 0, high = runs.length;
    if (high === 0 || !before32(sequence, runs[high - 1]!.first)) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (before32(sequence, runs[middle]!.first)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
