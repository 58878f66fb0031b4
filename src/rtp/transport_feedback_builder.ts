import { add16, distance16, distance32, writeU16, writeU24 } from "../base/mod.ts";
import {
  RTCP_FEEDBACK,
  RTCP_FEEDBACK_HEADER_BYTES,
  RTCP_TYPE,
  writeFeedbackHeader,
} from "./rtcp_header.ts";
import { chunkOf, chunkSymbolCount, SYMBOL_LARGE, SYMBOL_SMALL } from "./status_chunk.ts";

/** What stands before the chunks, bytes. */
const FIXED_BYTES = RTCP_FEEDBACK_HEADER_BYTES + 8;

/** Packets that one packet of feedback can speak of: the count has 16 bits. */
const MAX_STATUS_COUNT = 0xffff;

/**
 * Collects arrivals for one packet of transport-wide feedback after the other, without garbage.
 *
 * @example
 * ```ts
 * import { FEEDBACK_TICK_MS, TransportFeedbackBuilder } from "@sterna/webrtc/rtp";
 *
 * const arrivals = [{ sequenceNumber: 65535, ms: 12.5 }, { sequenceNumber: 1, ms: 13 }];
 * const builder = new TransportFeedbackBuilder(1200);
 * builder.begin(65535, 12.5 / FEEDBACK_TICK_MS);
 * for (const { sequenceNumber, ms } of arrivals) {
 *   builder.add(sequenceNumber, Math.round(ms / FEEDBACK_TICK_MS)); // false: write, and begin anew
 * }
 * const out = new Uint8Array(1200);
 * const end = builder.write(1, 2, 0, out, 0); // packet 0 is reported as lost
 * console.log(end); // 24
 * ```
 */
export class TransportFeedbackBuilder {
  readonly #maxBytes: number;
  #symbols = new Uint8Array(256);
  #deltas = new Int16Array(256);
  #statusCount = 0;
  #received = 0;
  #deltaBytes = 0;
  #base = 0;
  #reference = 0;
  #ticks = 0;

  /**
   * A builder that must begin before it adds.
   *
   * @param maxBytes length that a packet must not pass
   */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Forgets what was collected.
   *
   * @param baseSequenceNumber first packet that the feedback is about, received or not
   * @param ticks about when the first of them arrived, 250 µs each, 32 bits
   */
  begin(baseSequenceNumber: number, ticks: number): void {
    this.#base = baseSequenceNumber;
    this.#reference = ticks & 0xffff_ff00;
    this.#ticks = this.#reference;
    this.#statusCount = 0;
    this.#received = 0;
    this.#deltaBytes = 0;
  }

  /** How many packets the feedback is about. */
  get statusCount(): number {
    return this.#statusCount;
  }

  /** How many of them were received. */
  get receivedCount(): number {
    return this.#received;
  }

  /**
   * Adds a packet that was received; those between it and the last one were not. `false`, with nothing
   * changed, when it is not behind the last one, or it does not fit: more than 8 s lie between the two,
   * or the packet would become too long. Then it belongs into the next feedback.
   *
   * @param ticks when it arrived, 250 µs each, 32 bits
   */
  add(sequenceNumber: number, ticks: number): boolean {
    const gap = distance16(add16(this.#base, this.#statusCount), sequenceNumber);
    const index = this.#statusCount + gap;
    const delta = distance32(this.#ticks, ticks);
    if (gap < 0 || index >= MAX_STATUS_COUNT) return false;
    if (delta < -0x8000 || delta > 0x7fff) return false;
    const symbol = delta >= 0 && delta <= 0xff ? SYMBOL_SMALL : SYMBOL_LARGE;
    this.#reserve(index + 1);
    this.#symbols.fill(0, this.#statusCount, index);
    this.#symbols[index] = symbol;
    if (!this.#fits(index + 1, this.#deltaBytes + symbol)) return false;
    this.#deltas[this.#received++] = delta;
    this.#deltaBytes += symbol;
    this.#statusCount = index + 1;
    this.#ticks = ticks;
    return true;
  }

  /**
   * Makes the feedback speak of `statusCount` packets; those behind the last one were not received.
   * `false`, with nothing changed, when it speaks of more already, or they do not fit.
   */
  cover(statusCount: number): boolean {
    if (statusCount < Math.max(1, this.#statusCount) || statusCount > MAX_STATUS_COUNT) {
      return false;
    }
    this.#reserve(statusCount);
    this.#symbols.fill(0, this.#statusCount, statusCount);
    if (!this.#fits(statusCount, this.#deltaBytes)) return false;
    this.#statusCount = statusCount;
    return true;
  }

  #reserve(statusCount: number): void {
    if (statusCount <= this.#symbols.length) return;
    const room = Math.min(0x1_0000, Math.max(statusCount, 2 * this.#symbols.length));
    const symbols = new Uint8Array(room), deltas = new Int16Array(room);
    symbols.set(this.#symbols);
    deltas.set(this.#deltas);
    this.#symbols = symbols;
    this.#deltas = deltas;
  }

  #fits(statusCount: number, deltaBytes: number): boolean {
    // Each chunk but the last holds seven symbols or more, which is mostly enough to know.
    const bound = FIXED_BYTES + 2 * Math.ceil(statusCount / 7) + deltaBytes;
    if (bound + 3 <= this.#maxBytes) return true;
    return this.#size(statusCount, deltaBytes) <= this.#maxBytes;
  }

  /** Length of the packet, bytes. */
  #size(statusCount: number, deltaBytes: number): number {
    let size = FIXED_BYTES + deltaBytes;
    for (let i = 0; i < statusCount; size += 2) {
      i += chunkSymbolCount(chunkOf(this.#symbols, i, statusCount), statusCount - i);
    }
    return (size + 3) & ~3;
  }

  /**
   * Writes the packet at `out[at]` and returns the offset behind it, or `at` when it speaks of none.
   *
   * @param feedbackCount counts the feedback packets, 8 bits
   * @throws {RtpError} `buffer-too-small`
   */
  write(
    senderSsrc: number,
    mediaSsrc: number,
    feedbackCount: number,
    out: Uint8Array,
    at: number,
  ): number {
    const statusCount = this.#statusCount;
    if (statusCount === 0) return at;
    const size = this.#size(statusCount, this.#deltaBytes);
    const end = at + size;
    const type = RTCP_TYPE.transportFeedback;
    at = writeFeedbackHeader(
      RTCP_FEEDBACK.transportWide,
      type,
      size,
      senderSsrc,
      mediaSsrc,
      out,
      at,
    );
    at = writeU16(out, writeU16(out, at, this.#base), statusCount);
    at = writeU24(out, at, this.#reference >>> 8);
    out[at++] = feedbackCount;
    for (let i = 0; i < statusCount;) {
      const chunk = chunkOf(this.#symbols, i, statusCount);
      at = writeU16(out, at, chunk);
      i += chunkSymbolCount(chunk, statusCount - i);
    }
    out.fill(0, this.#writeDeltas(out, at), end);
    return end;
  }

  #writeDeltas(out: Uint8Array, at: number): number {
    for (let i = 0; i < this.#received; i++) {
      const delta = this.#deltas[i]!;
      if (delta >= 0 && delta <= 0xff) out[at++] = delta;
      else at = writeU16(out, at, delta);
    }
    return at;
  }
}
