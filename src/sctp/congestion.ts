/**
 * RFC 9260 §7.2.1 starts with about three packets; Chromium with ten, as RFC 6928 gives TCP, because
 * a page's first messages should not wait for a round trip.
 */
const CWND_INITIAL_MTUS = 10;

/** RFC 9260 §7.2.3: the window after a loss is at least four packets. */
const CWND_MIN_MTUS = 4;

/**
 * RFC 9260 §7.2.1: slow start grows by what was acknowledged, at most L packets per SACK. L is 2,
 * because a receiver that handles packets in batches acknowledges several of them at once.
 */
const SLOW_START_L = 2;

/** RFC 9260 §6.1 D and §16: Max.Burst, packets sent in answer to one SACK beyond what it acknowledged. */
const MAX_BURST = 4;

/** Congestion control of one path (RFC 9260 §7.2). Bytes are those of chunks, headers and padding included. */
export class CongestionControl {
  /** Congestion window, bytes. */
  cwnd: number;
  /** Slow-start threshold, bytes. RFC 9260 §7.2.1 lets it start arbitrarily high. */
  ssthresh: number = Infinity;
  /** More may not be in flight after one SACK, whatever the window says (RFC 9260 §6.1 D). */
  burstCeiling: number;
  /** Whether the window, and nothing else, held data back when packets were last written. */
  limited = false;
  /** Whether new data was sent since the last SACK was taken. */
  sentSinceAck = true;
  #mtu: number;
  #partialBytesAcked = 0;
  #hadLoss = false;

  /** @param mtu bytes of a full packet */
  constructor(mtu: number) {
    this.#mtu = mtu;
    this.cwnd = CWND_INITIAL_MTUS * mtu;
    this.burstCeiling = this.cwnd;
  }

  /** Bytes that may be in flight now. A packet may begin below this and end beyond (RFC 9260 §6.1 B). */
  get window(): number {
    return Math.min(this.cwnd, this.burstCeiling);
  }

  /**
   * The path takes packets of another size. Larger ones widen a window that has seen no loss to its
   * start value; after a loss, to the least window that keeps packets in flight.
   */
  setMtu(mtu: number): void {
    this.#mtu = mtu;
    const least = (this.#hadLoss ? CWND_MIN_MTUS : CWND_INITIAL_MTUS) * mtu;
    this.cwnd = Math.max(this.cwnd, least);
    this.burstCeiling = Math.max(this.burstCeiling, least);
  }

  /** A SACK came. `flightBefore` is what was in flight before it, `acked` what it newly acknowledged. */
  handleAck(
    flightBefore: number,
    acked: number,
    cumulativeAdvanced: boolean,
    recovering: boolean,
  ): void {
    const burst = Math.max(flightBefore + MAX_BURST * this.#mtu, CWND_INITIAL_MTUS * this.#mtu);
    // SACKs that are taken in one batch add up: what each of them allows is still to be sent.
    this.burstCeiling = this.sentSinceAck ? burst : Math.max(this.burstCeiling, burst);
    this.sentSinceAck = false;
    if (!cumulativeAdvanced || !this.limited) return;
    if (this.cwnd <= this.ssthresh) {
      // RFC 9260 §7.2.1: not while in fast recovery.
      if (!recovering) this.cwnd += Math.min(acked, SLOW_START_L * this.#mtu);
      return;
    }
    // RFC 9260 §7.2.2: one packet per window of acknowledged bytes.
    this.#partialBytesAcked += acked;
    if (this.#partialBytesAcked >= this.cwnd) {
      this.#partialBytesAcked -= this.cwnd;
      this.cwnd += this.#mtu;
    }
  }

  /** All that was in flight has arrived (RFC 9260 §7.2.2). */
  handleAllAcked(): void {
    this.#partialBytesAcked = 0;
  }

  /** A loss that gap reports told of, outside of fast recovery (RFC 9260 §7.2.3). */
  handleLoss(): void {
    this.#hadLoss = true;
    this.ssthresh = Math.max(Math.floor(this.cwnd / 2), CWND_MIN_MTUS * this.#mtu);
    this.cwnd = this.ssthresh;
    this.#partialBytesAcked = 0;
  }

  /** T3-rtx expired (RFC 9260 §7.2.3). */
  handleTimeout(): void {
    this.handleLoss();
    this.cwnd = this.#mtu;
  }
}
