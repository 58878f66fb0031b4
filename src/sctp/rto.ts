/** RFC 9260 §6.3.1: SRTT takes an eighth of each new measurement, RTTVAR a quarter. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;

/** Chromium's stack starts here: a handshake has shown that the path is alive. RFC 9260 §16: 1 s. */
export const RTO_INITIAL_MS = 500;

/**
 * Chromium's lower bound. It has to be larger than the peer's delay of acknowledgements (200 ms), or
 * every lone packet is retransmitted. RFC 9260 §16: 1 s.
 */
export const RTO_MIN_MS = 400;

/** RFC 9260 §16: RTO.Max. */
export const RTO_MAX_MS = 60_000;

/** Measurements beyond this are taken for a suspended process, not for a path. */
const RTT_MAX_MS = 60_000;

/**
 * Floor of the variance, a quarter of what RFC 9260 §6.3.1 C3 adds to SRTT: on a steady path a lone
 * packet is acknowledged after SRTT and the peer's delay (200 ms, and a tenth for its timer). A timeout
 * below that would repeat it, and end messages that may not be sent again.
 */
const RTT_VARIANCE_MIN_MS = 220 / 4;

/** The retransmission timeout of one path (RFC 9260 §6.3.1). Milliseconds throughout. */
export class RetransmissionTimeout {
  #smoothedMs = 0;
  #varianceMs = 0;
  #measured = false;
  #rtoMs = RTO_INITIAL_MS;

  /** The timeout in force, without backoff. */
  get rtoMs(): number {
    return this.#rtoMs;
  }

  /** Smoothed round-trip time, or `undefined` before the first measurement. */
  get smoothedMs(): number | undefined {
    return this.#measured ? this.#smoothedMs : undefined;
  }

  /** Takes one measurement; Karn's rule (only what was sent once) is the caller's. */
  observe(rttMs: number): void {
    if (!(rttMs >= 0 && rttMs <= RTT_MAX_MS)) return;
    if (this.#measured) {
      this.#varianceMs += BETA * (Math.abs(this.#smoothedMs - rttMs) - this.#varianceMs);
      this.#smoothedMs += ALPHA * (rttMs - this.#smoothedMs);
    } else {
      this.#measured = true;
      this.#smoothedMs = rttMs;
      this.#varianceMs = rttMs / 2;
    }
    this.#varianceMs = Math.max(this.#varianceMs, RTT_VARIANCE_MIN_MS);
    const rto = this.#smoothedMs + 4 * this.#varianceMs;
    this.#rtoMs = Math.min(Math.max(rto, RTO_MIN_MS), RTO_MAX_MS);
  }
}
