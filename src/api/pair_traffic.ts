/** What went over one candidate pair (RTCIceCandidatePairStats). */
export interface Traffic {
  packetsSent: number;
  bytesSent: number;
  packetsReceived: number;
  bytesReceived: number;
}

const NOTHING: Readonly<Traffic> = {
  packetsSent: 0,
  bytesSent: 0,
  packetsReceived: 0,
  bytesReceived: 0,
};

/** Divides the counters of a transport among the pairs that were selected one after the other. */
export class PairTraffic {
  readonly #byPair = new Map<string, Traffic>();
  #pair: string | undefined;
  #since: Readonly<Traffic> = NOTHING;

  /** From now on data goes over another pair. */
  select(pair: string | undefined, counters: Readonly<Traffic>): void {
    if (this.#pair !== undefined) this.#byPair.set(this.#pair, this.of(this.#pair, counters));
    this.#pair = pair;
    this.#since = { ...counters };
  }

  /** What went over a pair so far. */
  of(pair: string, counters: Readonly<Traffic>): Traffic {
    const total = { ...(this.#byPair.get(pair) ?? NOTHING) };
    if (pair !== this.#pair) return total;
    total.packetsSent += counters.packetsSent - this.#since.packetsSent;
    total.bytesSent += counters.bytesSent - this.#since.bytesSent;
    total.packetsReceived += counters.packetsReceived - this.#since.packetsReceived;
    total.bytesReceived += counters.bytesReceived - this.#since.bytesReceived;
    return total;
  }
}
