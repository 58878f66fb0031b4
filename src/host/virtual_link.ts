import { add32, type Entropy, NEVER, randomU32, seededEntropy } from "../base/mod.ts";

/** How a {@linkcode VirtualLink} treats what is sent over it. Everything defaults to a perfect link. */
export interface LinkConditions {
  /** Share of packets that vanish, 0 … 1. */
  readonly loss?: number;
  /** Share of packets that arrive twice, 0 … 1. */
  readonly duplicate?: number;
  /** Share of packets that are held back by up to four times the delay (at least 20 ms), 0 … 1. */
  readonly reorder?: number;
  /** One-way delay, milliseconds. */
  readonly delayMs?: number;
  /** Extra delay, uniformly random up to this many milliseconds; does not reorder by itself. */
  readonly jitterMs?: number;
  /** Larger packets vanish, bytes. */
  readonly mtu?: number;
  /** Bottleneck in bytes per millisecond, with a queue of `queueBytes` in front of it. */
  readonly bytesPerMs?: number;
  /** Room in front of the bottleneck, bytes (default 256 KiB); what does not fit vanishes. */
  readonly queueBytes?: number;
}

/** A packet on its way. `payload` is whatever the sender attached (an address, a peer). */
export interface LinkPacket<Payload> {
  /** When it arrives, milliseconds. */
  readonly at: number;
  /** A copy of what was sent. */
  readonly bytes: Uint8Array;
  /** What the sender attached. */
  readonly payload: Payload;
}

/**
 * One direction of a network path on virtual time: loss, duplication, reordering, delay, MTU and a
 * bottleneck, all drawn from a seed, so that the same run happens again.
 *
 * @example
 * ```ts
 * import { VirtualLink } from "@sterna/webrtc/testing";
 *
 * const link = new VirtualLink<string>(42, { loss: 0.1, delayMs: 30 });
 * link.send(0, new Uint8Array([1, 2, 3]), "to b");
 * console.log(link.next()); // 30, or Infinity when the packet was lost
 * ```
 */
export class VirtualLink<Payload = undefined> {
  #conditions: LinkConditions;
  readonly #entropy: Entropy;
  /** In the order of arrival; equal times keep the order of sending. */
  readonly #flying: LinkPacket<Payload>[] = [];
  #lineFreeAt = 0;
  #lastArrival = 0;
  /** Packets that the link swallowed. */
  dropped = 0;

  /**
   * An idle link.
   *
   * @param seed same seed, same fate of every packet
   */
  constructor(seed: number, conditions: LinkConditions = {}) {
    this.#entropy = seededEntropy(add32(seed, 0x5eed));
    this.#conditions = conditions;
  }

  /** Changes the conditions for what is sent from here on. */
  setConditions(conditions: LinkConditions): void {
    this.#conditions = conditions;
  }

  /** Puts a copy of `bytes` on the way. */
  send(now: number, bytes: Uint8Array, payload: Payload): void {
    const { loss = 0, duplicate = 0, mtu = Infinity } = this.#conditions;
    if (bytes.length > mtu || this.#chance(loss)) {
      this.dropped++;
      return;
    }
    const departure = this.#passBottleneck(now, bytes.length);
    if (departure === undefined) {
      this.dropped++;
      return;
    }
    const copy = bytes.slice();
    this.#fly(departure, copy, payload);
    if (this.#chance(duplicate)) this.#fly(departure, copy.slice(), payload);
  }

  /** When the next packet arrives, or `NEVER`. */
  next(): number {
    return this.#flying[0]?.at ?? NEVER;
  }

  /** Takes the next packet if it has arrived by `now`. */
  receive(now: number): LinkPacket<Payload> | undefined {
    return this.next() <= now ? this.#flying.shift() : undefined;
  }

  #passBottleneck(now: number, size: number): number | undefined {
    const { bytesPerMs = Infinity, queueBytes = 256 * 1024 } = this.#conditions;
    if (bytesPerMs === Infinity) return now;
    const start = Math.max(now, this.#lineFreeAt);
    if ((start - now) * bytesPerMs > queueBytes) return undefined;
    return this.#lineFreeAt = start + size / bytesPerMs;
  }

  #fly(departure: number, bytes: Uint8Array, payload: Payload): void {
    const { reorder = 0, delayMs = 0, jitterMs = 0 } = this.#conditions;
    let at = departure + delayMs + jitterMs * this.#random();
    if (this.#chance(reorder)) at += Math.max(20, 4 * delayMs) * this.#random();
    else this.#lastArrival = at = Math.max(at, this.#lastArrival);
    let i = this.#flying.length;
    while (i > 0 && this.#flying[i - 1]!.at > at) i--;
    this.#flying.splice(i, 0, { at, bytes, payload });
  }

  #chance(share: number): boolean {
    return share > 0 && this.#random() < share;
  }

  #random(): number {
    return randomU32(this.#entropy) / 0x1_0000_0000;
  }
}
