import type { SctpTimers } from "./timers.ts";

/** RFC 8899 §5.1.2: MAX_PROBES, attempts at one size. */
const MAX_PROBES = 3;

/** RFC 8899 §5.1.1: PMTU_RAISE_TIMER, after which larger sizes are tried again. */
const RAISE_INTERVAL_MS = 600_000;

/** The search ends when it has narrowed the size down to this, bytes: less is not worth a probe. */
const SEARCH_STEP_BYTES = 64;

/** RFC 8899 §4.3: consecutive expirations of T3-rtx after which a larger size is taken for a black hole. */
const BLACK_HOLE_TIMEOUTS = 2;

/**
 * Largest SCTP packet ever: a DTLS record holds 2¹⁴ bytes (RFC 6347 §4.1, RFC 5246 §6.2.1).
 */
const MAX_PACKET_BYTES = 16_384;

/**
 * How large packets may be (RFC 8899, datagram packetization layer path MTU discovery). A search begins
 * only when the host names a bound above the base; the first probe goes straight to the bound, because
 * the host that names one (loopback, jumbo frames) is mostly right. Data is never used as a probe.
 */
export class PathMtu {
  readonly #base: number;
  readonly #timers: SctpTimers;
  #current: number;
  #bound: number;
  /** Largest size that has ever been in use: chunks of it may still be sent again. */
  #largest: number;
  /** Least size that is known not to pass. */
  #failed = Infinity;
  #probing = 0;
  #attempts = 0;
  #due = false;

  /** @param base bytes of a packet that passes everywhere */
  constructor(base: number, timers: SctpTimers) {
    this.#base =
      this.#current =
      this.#bound =
      this.#largest =
        base;
    this.#timers = timers;
  }

  /** Bytes of a full packet now. */
  get current(): number {
    return this.#current;
  }

  /** Bytes of the largest packet that may be written now, probes and old chunks included. */
  get largest(): number {
    return this.#due ? Math.max(this.#largest, this.#probing) : this.#largest;
  }

  /** Size of the probe that is to be sent now, or 0. */
  get probeDue(): number {
    return this.#due ? this.#probing : 0;
  }

  /** The host names another bound, bytes. Below the current size it takes effect at once. */
  setBound(bytes: number): void {
    const bound = Math.max(this.#base, Math.min(bytes, MAX_PACKET_BYTES)) & ~3;
    if (bound === this.#bound) return;
    this.#bound = bound;
    this.#failed = Infinity;
    this.#stop();
    if (bound < this.#current) this.#current = this.#base;
  }

  /** Looks for a larger size, if there may be one and no search is under way. */
  search(): void {
    if (this.#probing > 0 || this.#timers.armed("probe")) return;
    if (this.#bound > this.#current && this.#failed - this.#current > SEARCH_STEP_BYTES) {
      this.#probe(this.#next());
    }
  }

  /** The probe has been written. `timeoutMs`: longer than a round trip. */
  handleProbeSent(now: number, timeoutMs: number): void {
    this.#due = false;
    this.#attempts++;
    this.#timers.set("probe", now + timeoutMs);
  }

  /** The peer has answered the probe that is under way; returns the new size. */
  handleProbeAcked(now: number): number {
    this.#current = this.#probing;
    this.#largest = Math.max(this.#largest, this.#current);
    this.#stop();
    this.#continue(now);
    return this.#current;
  }

  /** The "probe" timer expired. */
  handleTimeout(now: number): void {
    if (this.#probing === 0) {
      this.#failed = Infinity;
      this.search();
    } else if (this.#attempts < MAX_PROBES) this.#due = true;
    else {
      this.#failed = this.#probing;
      this.#stop();
      this.#continue(now);
    }
  }

  /** T3-rtx expired `count` times in a row; `true` when the size has fallen back to the base. */
  handleDataTimeouts(now: number, count: number): boolean {
    if (count < BLACK_HOLE_TIMEOUTS || this.#current === this.#base) return false;
    this.#failed = this.#current;
    this.#current = this.#base;
    this.#stop();
    this.#timers.set("probe", now + RAISE_INTERVAL_MS);
    return true;
  }

  #continue(now: number): void {
    this.search();
    if (this.#probing === 0 && this.#bound > this.#current) {
      this.#timers.set("probe", now + RAISE_INTERVAL_MS);
    }
  }

  #next(): number {
    const middle = this.#failed === Infinity
      ? this.#bound
      : Math.floor((this.#current + this.#failed) / 2);
    return middle & ~3;
  }

  #probe(size: number): void {
    this.#probing = size;
    this.#attempts = 0;
    this.#due = true;
  }

  #stop(): void {
    this.#probing = 0;
    this.#due = false;
    this.#timers.clear("probe");
  }
}
