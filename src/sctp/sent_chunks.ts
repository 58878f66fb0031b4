import { add32, before32, distance32, readU16 } from "../base/mod.ts";
import type { OutgoingMessage } from "./outgoing_message.ts";
import { SACK_ENTRY_BYTES, type SackFields } from "./sack_chunk.ts";

/** Sent, and neither acknowledged nor taken for lost. */
export const IN_FLIGHT = 0;
/** Taken for lost: to be sent again. */
export const LOST = 1;
/** Acknowledged by a gap ack block; the receiver may still take that back (RFC 9260 §6.2). */
export const GAP_ACKED = 2;
/** Given up: to be skipped by FORWARD TSN (RFC 3758 §3.5). */
export const ABANDONED = 3;

/** RFC 9260 §7.2.4: the third report of a gap is taken for a loss. */
const MISSES_FOR_LOSS = 3;

/** One TSN that is not yet cumulatively acknowledged. Lives in a ring and is filled again and again. */
export class SentChunk {
  /** The message it is a piece of. */
  message!: OutgoingMessage;
  /** Where the piece lies in the message's bytes. */
  at = 0;
  /** How many bytes it has. */
  length = 0;
  /** `DATA_…` bits. */
  flags = 0;
  /** Which piece of its message it is. */
  fragment = 0;
  /** `IN_FLIGHT`, `LOST`, `GAP_ACKED` or `ABANDONED`. */
  state: number = IN_FLIGHT;
  /** Bytes of the chunk on the wire, header and padding included. */
  size = 0;
  /** When it was sent last, milliseconds. */
  sentAt = 0;
  /** How often it was sent again. */
  retransmits = 0;
  /** Reports that it is missing, since it was sent last. */
  misses = 0;
  /** Reports count once a TSN from here on has arrived: before, they tell of an earlier sending. */
  missesCountFrom = 0;
}

/** What one SACK changed. One object is filled again and again. */
export class AckResult {
  /** Bytes of chunks acknowledged for the first time. */
  ackedBytes = 0;
  /** Whether the cumulative point moved. */
  advanced = false;
  /** Measured round-trip time, milliseconds, or −1. */
  rttMs = -1;
  /** Whether a chunk was newly taken for lost. */
  loss = false;
}

/** Decides what happens to a chunk that is taken for lost. */
export interface LossPolicy {
  /** Whether the message is to be given up instead of being sent again. */
  givesUp(chunk: SentChunk): boolean;
  /** Gives the whole message up. */
  abandon(message: OutgoingMessage): void;
  /** The message's last chunk is done with. */
  release(message: OutgoingMessage): void;
}

/**
 * The TSNs between the peer's cumulative acknowledgement and the last one sent, in a ring indexed by
 * their distance from it. A SACK costs what it changes, not what is outstanding.
 */
export class SentChunks {
  /** Bytes in flight, chunk headers and padding included (RFC 9260 §7.2.1). */
  flightBytes = 0;
  /** User data in flight, bytes: what the peer's window has to take. */
  flightPayload = 0;
  /** Chunks that are to be sent again. */
  lostCount = 0;
  /** Chunks that are given up. */
  abandonedCount = 0;
  #ring: SentChunk[];
  #mask: number;
  #head = 0;
  #length = 0;
  #cumulative: number;
  /** No chunk before this offset is lost. */
  #lostFrom = 0;
  /** Gap ack blocks of the last SACK: pairs of first and last offset from the cumulative point. */
  #blocks = new Int32Array(64);
  #blockCount = 0;
  #spareBlocks = new Int32Array(64);
  /** Last TSNs before the requests to reset streams, as far as they are not acknowledged. */
  readonly #resetPoints: number[] = [];
  readonly #policy: LossPolicy;

  /** @param initialTsn the first TSN to be sent */
  constructor(initialTsn: number, policy: LossPolicy) {
    this.#cumulative = add32(initialTsn, -1);
    this.#policy = policy;
    this.#ring = [];
    for (let i = 0; i < 16; i++) this.#ring.push(new SentChunk());
    this.#mask = this.#ring.length - 1;
  }

  /** How many TSNs are outstanding, acknowledged by gap blocks or not. */
  get length(): number {
    return this.#length;
  }

  /** The peer has everything up to here. */
  get cumulativeTsn(): number {
    return this.#cumulative;
  }

  /** The TSN that the next new chunk gets. */
  get nextTsn(): number {
    return add32(this.#cumulative, this.#length + 1);
  }

  /** The chunk `index` places behind the cumulative point. */
  at(index: number): SentChunk {
    return this.#ring[(this.#head + index) & this.#mask]!;
  }

  /** TSN of the chunk at `index`. */
  tsnAt(index: number): number {
    return add32(this.#cumulative, index + 1);
  }

  /** A chunk for the next TSN, in flight; the caller fills in the piece. */
  push(now: number, message: OutgoingMessage, length: number, size: number): SentChunk {
    if (this.#length > this.#mask) this.#grow();
    const chunk = this.at(this.#length);
    const tsn = this.nextTsn;
    this.#length++;
    chunk.message = message;
    chunk.length = length;
    chunk.size = size;
    chunk.state = IN_FLIGHT;
    chunk.sentAt = now;
    chunk.retransmits = 0;
    chunk.misses = 0;
    chunk.missesCountFrom = tsn;
    this.flightBytes += size;
    this.flightPayload += length;
    message.lastTsn = tsn;
    return chunk;
  }

  /** Index of the first lost chunk, or −1. */
  firstLost(from = 0): number {
    if (this.lostCount === 0) return -1;
    let index = Math.max(from, this.#lostFrom);
    while (index < this.#length && this.at(index).state !== LOST) index++;
    if (from <= this.#lostFrom) this.#lostFrom = index;
    return index < this.#length ? index : -1;
  }

  /** A lost chunk has been sent again. */
  resend(chunk: SentChunk, now: number): void {
    this.lostCount--;
    chunk.state = IN_FLIGHT;
    chunk.sentAt = now;
    chunk.retransmits++;
    chunk.misses = 0;
    chunk.missesCountFrom = this.nextTsn;
    this.flightBytes += chunk.size;
    this.flightPayload += chunk.length;
  }

  /** T3-rtx: everything in flight is taken for lost (RFC 9260 §6.3.3). */
  loseAll(): void {
    for (let i = 0; i < this.#length; i++) {
      const chunk = this.at(i);
      if (chunk.state === IN_FLIGHT) this.#lose(chunk, i);
    }
  }

  /** A chunk is given up; the TSN stays until the peer has skipped it. */
  abandonAt(index: number): void {
    const chunk = this.at(index);
    if (chunk.state === ABANDONED) return;
    if (chunk.state === IN_FLIGHT) this.#leaveFlight(chunk);
    else if (chunk.state === LOST) this.lostCount--;
    chunk.state = ABANDONED;
    this.abandonedCount++;
  }

  /**
   * Streams are to be reset: no FORWARD TSN passes the last TSN used, until it is acknowledged. One that
   * did could reach a peer that has reset them already, and skip their new messages by old numbers.
   */
  holdForward(): void {
    if (this.#length > 0) this.#resetPoints.push(add32(this.nextTsn, -1));
  }

  /** How many chunks at the cumulative point are given up and may be skipped by one FORWARD TSN. */
  abandonedPrefix(): number {
    if (this.abandonedCount === 0) return 0;
    const point = this.#resetPoints[0];
    const end = point === undefined ? this.#length : distance32(this.#cumulative, point);
    let count = 0;
    while (count < end && this.at(count).state === ABANDONED) count++;
    return count;
  }

  /** Whether a SACK tells of nothing that was never sent, and its blocks are in order (RFC 9260 §3.3.4). */
  isPlausible(packet: Uint8Array, sack: SackFields): boolean {
    const advance = distance32(this.#cumulative, sack.cumulativeTsn);
    // Half the circle away is neither ahead nor behind: it compares as negative both ways.
    if (advance < 0 || advance > this.#length) return false;
    const beyond = this.#length - advance;
    let last = 0;
    for (let i = 0, at = sack.blocksAt; i < sack.gapBlocks; i++, at += SACK_ENTRY_BYTES) {
      const from = readU16(packet, at);
      const to = readU16(packet, at + 2);
      if (from <= last || to < from || to > beyond) return false;
      last = to;
    }
    return true;
  }

  /** Takes a plausible SACK that is not older than the last one (RFC 9260 §6.2.1). */
  handleSack(
    now: number,
    packet: Uint8Array,
    sack: SackFields,
    recovering: boolean,
    result: AckResult,
  ): void {
    this.handleCumulative(now, sack.cumulativeTsn, result);
    if (sack.gapBlocks === 0 && this.#blockCount === 0) return;
    const highestNew = this.#takeBlocks(packet, sack, result);
    this.#countMisses(highestNew, recovering && result.advanced, result);
  }

  /** Takes a plausible cumulative acknowledgement, which says nothing about what lies beyond it. */
  handleCumulative(now: number, cumulativeTsn: number, result: AckResult): void {
    const advance = distance32(this.#cumulative, cumulativeTsn);
    result.ackedBytes = 0;
    result.rttMs = -1;
    result.loss = false;
    result.advanced = advance > 0;
    if (advance === 0) return;
    this.#popAcknowledged(now, advance, result);
    const blocks = this.#blocks;
    for (let i = 0; i < 2 * this.#blockCount; i++) blocks[i]! -= advance;
  }

  #popAcknowledged(now: number, advance: number, result: AckResult): void {
    for (let i = 0; i < advance; i++) {
      const chunk = this.at(i);
      const { message } = chunk;
      switch (chunk.state) {
        case IN_FLIGHT:
          this.#leaveFlight(chunk);
          result.ackedBytes += chunk.size;
          // Karn's rule, RFC 9260 §6.3.1 C5.
          if (chunk.retransmits === 0) result.rttMs = now - chunk.sentAt;
          break;
        case LOST:
          this.lostCount--;
          result.ackedBytes += chunk.size;
          break;
        case ABANDONED:
          this.abandonedCount--;
          break;
      }
      if ((chunk.flags & 1) !== 0) this.#policy.release(message);
    }
    this.#head = (this.#head + advance) & this.#mask;
    this.#length -= advance;
    this.#cumulative = add32(this.#cumulative, advance);
    this.#lostFrom = Math.max(0, this.#lostFrom - advance);
    const points = this.#resetPoints;
    while (points.length > 0 && !before32(this.#cumulative, points[0]!)) points.shift();
  }

  /** Compares the gap blocks with those of the last SACK; returns the highest newly reported offset. */
  #takeBlocks(packet: Uint8Array, sack: SackFields, result: AckResult): number {
    const old = this.#blocks;
    const oldCount = this.#blockCount;
    let blocks = this.#spareBlocks;
    if (blocks.length < 2 * sack.gapBlocks) blocks = new Int32Array(4 * sack.gapBlocks);
    for (let i = 0, at = sack.blocksAt; i < sack.gapBlocks; i++, at += SACK_ENTRY_BYTES) {
      blocks[2 * i] = readU16(packet, at);
      blocks[2 * i + 1] = readU16(packet, at + 2);
    }
    this.#blocks = blocks;
    this.#blockCount = sack.gapBlocks;
    this.#spareBlocks = old;
    const highest = this.#difference(blocks, sack.gapBlocks, old, oldCount, result);
    this.#difference(old, oldCount, blocks, sack.gapBlocks, undefined);
    return highest;
  }

  /**
   * Visits the offsets that are in blocks `a` and not in blocks `b`: newly acknowledged when there is
   * a `result` to count them in, else taken back by the receiver. Returns the highest one, or 0.
   */
  #difference(
    a: Int32Array,
    aCount: number,
    b: Int32Array,
    bCount: number,
    result: AckResult | undefined,
  ): number {
    let highest = 0;
    let j = 0;
    for (let i = 0; i < aCount; i++) {
      const to = a[2 * i + 1]!;
      let offset = Math.max(1, a[2 * i]!);
      while (offset <= to) {
        while (j < bCount && b[2 * j + 1]! < offset) j++;
        const covered = j < bCount && b[2 * j]! <= offset;
        if (covered) {
          offset = b[2 * j + 1]! + 1;
          continue;
        }
        const stop = j < bCount ? Math.min(to, b[2 * j]! - 1) : to;
        for (; offset <= stop; offset++) {
          if (result !== undefined) {
            this.#gapAck(this.at(offset - 1), result);
            highest = offset;
          } else this.#takeBack(this.at(offset - 1));
        }
      }
    }
    return highest;
  }

  #gapAck(chunk: SentChunk, result: AckResult): void {
    if (chunk.state === IN_FLIGHT) this.#leaveFlight(chunk);
    else if (chunk.state === LOST) this.lostCount--;
    else return;
    chunk.state = GAP_ACKED;
    result.ackedBytes += chunk.size;
  }

  /** RFC 9260 §6.2.1 D iv: a TSN that was reported is reported no more: it counts as in flight. */
  #takeBack(chunk: SentChunk): void {
    if (chunk.state !== GAP_ACKED) return;
    chunk.state = IN_FLIGHT;
    this.flightBytes += chunk.size;
    this.flightPayload += chunk.length;
  }

  /**
   * RFC 9260 §7.2.4: TSNs below the highest newly acknowledged one are reported missing once more; in
   * fast recovery, when the cumulative point moves, all that the SACK reports missing are.
   */
  #countMisses(highestNew: number, all: boolean, result: AckResult): void {
    const blocks = this.#blocks;
    const count = this.#blockCount;
    const limit = all && count > 0 ? blocks[2 * count - 1]! : highestNew;
    let offset = 1;
    for (let i = 0; i < count && offset < limit; i++) {
      const stop = Math.min(blocks[2 * i]!, limit);
      for (; offset < stop; offset++) this.#countMiss(offset - 1, limit, result);
      offset = blocks[2 * i + 1]! + 1;
    }
  }

  #countMiss(index: number, highest: number, result: AckResult): void {
    const chunk = this.at(index);
    if (chunk.state !== IN_FLIGHT) return;
    if (before32(add32(this.#cumulative, highest), chunk.missesCountFrom)) return;
    if (++chunk.misses < MISSES_FOR_LOSS) return;
    this.#lose(chunk, index);
    result.loss = true;
  }

  #lose(chunk: SentChunk, index: number): void {
    if (this.#policy.givesUp(chunk)) {
      this.#policy.abandon(chunk.message);
      return;
    }
    this.#leaveFlight(chunk);
    chunk.state = LOST;
    this.lostCount++;
    if (index < this.#lostFrom || this.lostCount === 1) this.#lostFrom = index;
  }

  #leaveFlight(chunk: SentChunk): void {
    this.flightBytes -= chunk.size;
    this.flightPayload -= chunk.length;
  }

  #grow(): void {
    const ring: SentChunk[] = [];
    for (let i = 0; i < this.#length; i++) ring.push(this.at(i));
    const size = 2 * this.#ring.length;
    while (ring.length < size) ring.push(new SentChunk());
    this.#ring = ring;
    this.#mask = size - 1;
    this.#head = 0;
  }
}
