import { type Entropy, NEVER, randomU32, readU32 } from "../base/mod.ts";
import type { StunReader } from "../stun/mod.ts";
import { CONSENT_WINDOW } from "./limits.ts";
import type { CandidatePair } from "./pair.ts";
import type { IceTiming } from "./timing.ts";

/**
 * Consent freshness of the pair that data goes over (RFC 7675), which keeps NAT bindings alive as
 * well (RFC 8445 §11). Each check is a new transaction that is not retransmitted; while none is
 * answered the next comes sooner. Holds no objects per check.
 *
 * A lite agent sends no checks: it takes the peer's as its signs of life.
 */
export class Consent {
  readonly pair: CandidatePair;
  /** Nothing was heard for so long that the state is "disconnected". */
  disconnected = false;
  /** When consent ends. */
  expiresAt: number = NEVER;
  /** When the next check is due. */
  nextAt: number = NEVER;
  /** When "disconnected" is due. */
  disconnectAt: number = NEVER;
  readonly #timing: IceTiming;
  readonly #entropy: Entropy;
  readonly #passive: boolean;
  readonly #ids: Uint32Array = new Uint32Array(3 * CONSENT_WINDOW);
  readonly #sentAt: Float64Array = new Float64Array(CONSENT_WINDOW);
  #count = 0;

  constructor(
    now: number,
    pair: CandidatePair,
    timing: IceTiming,
    entropy: Entropy,
    passive: boolean,
  ) {
    this.pair = pair;
    this.#timing = timing;
    this.#entropy = entropy;
    this.#passive = passive;
    this.renew(now);
  }

  /** The earliest of its deadlines. */
  get deadline(): number {
    return Math.min(this.nextAt, this.expiresAt, this.disconnectAt);
  }

  /** The peer has consented now: an authenticated response, or any sign of life when passive. */
  renew(now: number): void {
    const { consentExpiryMs, consentIntervalMs, disconnectedMs } = this.#timing;
    this.disconnected = false;
    this.expiresAt = now + consentExpiryMs;
    if (this.#passive) {
      this.disconnectAt = now + consentIntervalMs + disconnectedMs;
      return;
    }
    this.disconnectAt = NEVER;
    // RFC 7675 §5.1: randomized by 0.8 … 1.2, so that the agents of a host do not fall into step.
    const factor = 0.8 + 0.4 * (randomU32(this.#entropy) / 0x1_0000_0000);
    this.nextAt = now + consentIntervalMs * factor;
  }

  /** A check with this transaction ID goes out now. */
  sent(now: number, id: Uint8Array): void {
    const slot = this.#count++ % CONSENT_WINDOW;
    for (let i = 0; i < 3; i++) this.#ids[3 * slot + i] = readU32(id, 4 * i);
    this.#sentAt[slot] = now;
    this.nextAt = now + this.#timing.consentProbeMs;
    if (this.disconnectAt === NEVER && !this.disconnected) {
      this.disconnectAt = now + this.#timing.disconnectedMs;
    }
  }

  /** When the check was sent that a response answers, or −1. */
  sentAt(response: StunReader): number {
    const count = Math.min(this.#count, CONSENT_WINDOW);
    for (let slot = 0; slot < count; slot++) {
      let i = 0;
      while (i < 3 && this.#ids[3 * slot + i] === response.transactionWord(i)) i++;
      if (i === 3) return this.#sentAt[slot]!;
    }
    return -1;
  }

  /** Notes that "disconnected" is due; `true` once. */
  disconnect(now: number): boolean {
    if (now < this.disconnectAt) return false;
    this.disconnectAt = NEVER;
    this.disconnected = true;
    return true;
  }
}
