import type { SignalingLimits } from "./limits.ts";
import { TokenBucket } from "./token_bucket.ts";

interface Entry {
  connections: number;
  readonly messages: TokenBucket;
  usedAt: number;
}

/** An address that said nothing for so long has its whole burst again, milliseconds. */
const FORGET_MS = 60_000;

/** Addresses that are known before it is asked which of them can be forgotten. */
const MAX_QUIET = 50_000;

/** What clients behind one network address may do together. */
export class AddressTable {
  readonly #limits: SignalingLimits;
  readonly #entries = new Map<string, Entry>();

  /** Starts empty. */
  constructor(limits: SignalingLimits) {
    this.#limits = limits;
  }

  /** How many addresses are known. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether the address may have one more connection. */
  admits(address: string | undefined): boolean {
    if (address === undefined) return true;
    const connections = this.#entries.get(address)?.connections ?? 0;
    return connections < this.#limits.connectionsPerAddress;
  }

  /** Counts a connection. */
  enter(address: string | undefined, now: number): void {
    if (address !== undefined) this.#entry(address, now).connections++;
  }

  /** Counts a connection out. */
  leave(address: string | undefined): void {
    const entry = address === undefined ? undefined : this.#entries.get(address);
    if (entry !== undefined) entry.connections--;
  }

  /** Takes messages from the address's bucket, or returns `false`. */
  take(address: string | undefined, now: number, count: number): boolean {
    return address === undefined || this.#entry(address, now).messages.take(now, count);
  }

  #entry(address: string, now: number): Entry {
    let entry = this.#entries.get(address);
    if (entry === undefined) {
      if (this.#entries.size >= MAX_QUIET) this.sweep(now);
      const { messagesPerSecondPerAddress: rate, messageBurstPerAddress: burst } = this.#limits;
      entry = { connections: 0, messages: new TokenBucket(rate, burst, now), usedAt: now };
      this.#entries.set(address, entry);
    }
    entry.usedAt = now;
    return entry;
  }

  /** Forgets addresses without connections that have been quiet. */
  sweep(now: number): void {
    for (const [address, { connections, usedAt }] of this.#entries) {
      if (connections === 0 && now - usedAt >= FORGET_MS) this.#entries.delete(address);
    }
  }
}
