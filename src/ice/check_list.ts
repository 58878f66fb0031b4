import type { Address } from "../base/mod.ts";
import { CandidatePair } from "./pair.ts";
import { canPair, type LocalCandidate, type RemoteCandidate } from "./candidates.ts";
import { MAX_PAIRS } from "./limits.ts";
import { comparePriority } from "./priority.ts";

/**
 * The one checklist of a session: WebRTC bundles everything into one component, so there is no set
 * of lists to keep in step (RFC 8445 §6.1.2).
 */
export class CheckList {
  /** In descending order of priority. */
  readonly pairs: CandidatePair[] = [];
  /** RFC 8445 §6.1.4.1. */
  readonly #triggered: CandidatePair[] = [];
  #pairCount = 0;
  readonly #idPrefix: string;
  readonly #limit: number;

  constructor(idPrefix: string, limit: number = MAX_PAIRS) {
    this.#idPrefix = idPrefix;
    this.#limit = limit;
  }

  /** The pair whose checks go from that base to that address. */
  find(base: object, address: Address): CandidatePair | undefined {
    for (const pair of this.pairs) {
      if (pair.base === base && pair.address === address && pair.localSide.checks) return pair;
    }
    return undefined;
  }

  /**
   * Forms a pair unless it cannot be, is redundant (RFC 8445 §6.1.2.4) or comes after all others in
   * a full list, and gives it its first state.
   */
  form(
    local: LocalCandidate,
    remote: RemoteCandidate,
    controlling: boolean,
  ): CandidatePair | undefined {
    if (!local.checks || !canPair(local.address, remote.address)) return undefined;
    if (this.find(local.base, remote.address) !== undefined) return undefined;
    const pair = this.#make(local, remote, controlling);
    pair.state = this.#mayStart(pair) ? "waiting" : "frozen";
    return this.#insert(pair) ? pair : undefined;
  }

  /**
   * A pair on the valid list only: its local candidate is not one that checks are sent from
   * (RFC 8445 §7.2.5.3.2).
   */
  addValid(
    local: LocalCandidate,
    checkedAs: CandidatePair,
    controlling: boolean,
  ): CandidatePair | undefined {
    const remote = checkedAs.remoteSide;
    for (const pair of this.pairs) {
      if (pair.localSide === local && pair.remoteSide === remote) return pair;
    }
    const pair = this.#make(local, remote, controlling);
    pair.state = "succeeded";
    pair.checkedAs = checkedAs;
    return this.#insert(pair) ? pair : undefined;
  }

  #make(local: LocalCandidate, remote: RemoteCandidate, controlling: boolean): CandidatePair {
    return new CandidatePair(`${this.#idPrefix}${++this.#pairCount}`, local, remote, controlling);
  }

  /** RFC 8445 §6.1.2.6, RFC 8838 §12: the first of its foundation, or after one that succeeded. */
  #mayStart(newPair: CandidatePair): boolean {
    const foundation = newPair.foundation;
    let first = true;
    for (const pair of this.pairs) {
      if (pair.foundation !== foundation) continue;
      if (pair.state === "succeeded") return true;
      if (pair.state !== "failed") first = false;
    }
    return first;
  }

  #insert(pair: CandidatePair): boolean {
    if (this.pairs.length >= this.#limit && !this.#dropWorseThan(pair)) return false;
    let at = this.pairs.length;
    while (at > 0 && comparePriority(this.pairs[at - 1]!, pair) > 0) at--;
    this.pairs.splice(at, 0, pair);
    return true;
  }

  /** RFC 8445 §6.1.2.5: a full list gives up its lowest pair that matters to nobody. */
  #dropWorseThan(pair: CandidatePair): boolean {
    for (let i = this.pairs.length - 1; i >= 0; i--) {
      const worst = this.pairs[i]!;
      if (worst.valid || worst.state === "in-progress" || worst.state === "succeeded") continue;
      if (worst.state !== "failed" && comparePriority(worst, pair) < 0) return false;
      this.pairs.splice(i, 1);
      this.started(worst);
      return true;
    }
    return false;
  }

  /** Puts a pair into the triggered-check queue, once (RFC 8445 §6.1.4.1). */
  trigger(pair: CandidatePair): void {
    if (!this.#triggered.includes(pair)) this.#triggered.push(pair);
  }

  /** The next triggered check; those that have become pointless while they waited are dropped. */
  nextTriggered(): CandidatePair | undefined {
    for (let pair = this.#triggered[0]; pair !== undefined; pair = this.#triggered[0]) {
      if (pair.state === "waiting" || (pair.state === "succeeded" && pair.nominating)) return pair;
      this.#triggered.shift();
    }
    return undefined;
  }

  /** A check of the pair goes out now: it is no longer to be triggered. */
  started(pair: CandidatePair): void {
    const index = this.#triggered.indexOf(pair);
    if (index >= 0) this.#triggered.splice(index, 1);
  }

  /** The next ordinary check (RFC 8445 §6.1.4.2): the best waiting pair, else one to unfreeze. */
  nextOrdinary(): CandidatePair | undefined {
    for (const pair of this.pairs) if (pair.state === "waiting") return pair;
    for (const pair of this.pairs) {
      if (pair.state === "frozen" && !this.#isBusy(pair.foundation)) return pair;
    }
    return undefined;
  }

  #isBusy(foundation: string): boolean {
    return this.pairs.some((pair) =>
      (pair.state === "in-progress" || pair.state === "waiting") && pair.foundation === foundation
    );
  }

  /** RFC 8445 §7.2.5.3.3: a success unfreezes its foundation. */
  unfreeze(foundation: string): void {
    for (const pair of this.pairs) {
      if (pair.state === "frozen" && pair.foundation === foundation) pair.state = "waiting";
    }
  }

  /** Waiting and in progress, for RTO (RFC 8445 §14.3). */
  get activeCount(): number {
    let count = 0;
    for (const { state } of this.pairs) if (state === "waiting" || state === "in-progress") count++;
    return count;
  }

  /** Whether a check is still to come or out. */
  get unfinished(): boolean {
    return this.pairs.some((pair) => pair.unfinished);
  }

  /** The valid pair of the highest priority. */
  get bestValid(): CandidatePair | undefined {
    return this.pairs.find((pair) => pair.valid);
  }

  /** Whether a pair above `pair` may still become valid. */
  mayImproveOn(pair: CandidatePair): boolean {
    for (const better of this.pairs) {
      if (better === pair || comparePriority(better, pair) >= 0) return false;
      if (better.unfinished && better !== pair.checkedAs) return true;
    }
    return false;
  }

  /** Roles or candidates have changed (RFC 8445 §7.3.1.1): priorities are computed anew. */
  updatePairs(controlling: boolean): void {
    for (const pair of this.pairs) pair.update(controlling);
    this.pairs.sort(comparePriority);
  }

  /** Forgets every pair. */
  clear(): void {
    this.pairs.length = 0;
    this.#triggered.length = 0;
  }

  /**
   * RFC 8445 §8.1.2: a pair is nominated, so nothing new is checked and nothing is retransmitted
   * any more. Late responses still count.
   */
  conclude(): void {
    for (let i = this.pairs.length - 1; i >= 0; i--) {
      const pair = this.pairs[i]!;
      if (pair.state === "waiting" || pair.state === "frozen") this.pairs.splice(i, 1);
      else if (pair.state === "in-progress") {
        pair.check?.transaction.cancel();
        pair.check = undefined;
        pair.state = "failed";
      }
    }
    this.#triggered.length = 0;
  }
}
