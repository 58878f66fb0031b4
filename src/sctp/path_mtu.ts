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
 * RFC 8899 §5.1.2: MIN_PLPMTU. A datagram of 508 bytes passes everywhere: every IPv4 host takes 576
 * (RFC 791 §3.1), of which 60 and 8 are headers at most; a DTLS record costs 37 of them.
 */
const MIN_PACKET_BYTES = 468;

/**
 * Largest SCTP packet ever: a DTLS record holds 2¹⁴ bytes (RFC 6347 §4.1, RFC 5246 §6.2.1).
 */
const MAX_PACKET_BYTES = 16_384;

/**
 * How large packets may be (RFC 8899, datagram packetization layer path MTU discovery). A search begins
 * only when the host names a bound above the base; the first probe goes straight to the bound, because
 * the host that names one (loopback, jumbo frames) is mostly right. Data is never used as a probe.
 *
 * What is larger than a path takes cannot be cut again once it was sent (RFC 9260 §6.9). So with a peer
 * that answers probes, packets are minimal until the base, or more, is confirmed: one round trip.
 */
export class PathMtu {
  readonly #base: number;
  /** What passes even where the base does not. */
  readonly #least: number;
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
  /** Whether the path has gone dead: probes wait until something is acknowledged. */
  #dead = false;

  /** @param base bytes of a packet that passes on almost every path */
  constructor(base: number, timers: SctpTimers) {
    this.#least = Math.min(base, MIN_PACKET_BYTES);
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

  /** The peer may not answer probes: the base is used as it is. Returns it. */
  assume(): number {
    this.#stop();
    return this.#current = this.#base;
  }

  /** RFC 8899 §5.2, BASE: the peer answers probes. Returns the size until one is answered. */
  confirm(): number {
    this.#stop();
    this.#failed = Infinity;
    this.#current = this.#least;
    this.search();
    return this.#current;
  }

  /** Looks for a larger size, if there may be one and no search is under way. */
  search(): void {
    if (this.#dead || this.#probing > 0 || this.#timers.armed("probe")) return;
    if (this.#bound > this.#current && this.#failed - this.#current > SEARCH_STEP_BYTES) {
      this.#probe(this.#next());
    }
  }

  /** Whether the probe that is due has the size of the one before. */
  get probeRepeats(): boolean {
    return this.#attempts > 0;
  }

  /** The probe has been written. `timeoutMs`: longer than a round trip. */
  handleProbeSent(now: number, timeoutMs: number): void {
    this.#due = false;
    this.#attempts++;
    this.#timers.set("probe", now + timeoutMs);
  }

  /** The peer has answered the last probe; `false` when its size is not tried any more. */
  handleProbeAcked(now: number): boolean {
    if (this.#probing === 0 || this.#attempts === 0) return false;
    this.#current = this.#probing;
    this.#largest = Math.max(this.#largest, this.#current);
    this.#stop();
    this.#continue(now);
    return true;
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

  /**
   * T3-rtx expired `count` times in a row; `true` when the size has fallen: to the base, and with a
   * peer that answers probes to the least (RFC 8899 §5.2, ERROR).
   */
  handleDataTimeouts(now: number, count: number, answersProbes: boolean): boolean {
    if (count >= BLACK_HOLE_TIMEOUTS && this.#current > this.#base) {
      this.#failed = this.#current;
      this.#current = this.#base;
      this.#stop();
      this.#timers.set("probe", now + RAISE_INTERVAL_MS);
      return true;
    }
    if (count < 2 * BLACK_HOLE_TIMEOUTS || !answersProbes || this.#dead) return false;
    this.#stop();
    this.#dead = true;
    this.#current = this.#least;
    return true;
  }

  /** Something was acknowledged: after a path that was dead, the search begins anew. */
  handleProgress(): void {
    if (!this.#dead) return;
    this.#dead = false;
    this.#failed = Infinity;
    this.search();
  }

  #continue(now: number): void {
    this.search();
    if (this.#probing === 0 && this.#bound > this.#current) {
      this.#timers.set("probe", now + RAISE_INTERVAL_MS);
    }
  }

  #next(): number {
    if (this.#current < this.#base && this.#failed < Infinity && this.#failed > this.#base) {
      return this.#base;
    }
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
