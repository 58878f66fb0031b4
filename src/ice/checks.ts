import { type Entropy, NEVER, randomU32, writeU32 } from "../base/mod.ts";
import type { StunReader, StunTransaction } from "../stun/mod.ts";
import type { CandidatePair } from "./pair.ts";
import type { IceSession } from "./session.ts";

/** A Binding request that is out, and what it said. */
export interface Check {
  readonly transaction: StunTransaction;
  readonly session: IceSession;
  readonly pair: CandidatePair;
  /** The role it was sent in. */
  readonly controlling: boolean;
  /** Whether it nominates. */
  readonly useCandidate: boolean;
}

/** The checks of an agent that are out, by the first word of their transaction ID. */
export class OutstandingChecks {
  readonly #checks = new Map<number, Check>();
  readonly #id: Uint8Array = new Uint8Array(12);

  /** A new random transaction ID (RFC 8489 §5); lent until the next call. */
  newId(entropy: Entropy): Uint8Array {
    let first = randomU32(entropy);
    while (this.#checks.has(first)) first = randomU32(entropy);
    writeU32(this.#id, 0, first);
    writeU32(this.#id, 4, randomU32(entropy));
    writeU32(this.#id, 8, randomU32(entropy));
    return this.#id;
  }

  /** Adds a check that was just made. */
  add(check: Check): void {
    this.#checks.set(check.transaction.idWord(0), check);
  }

  /** The check that a response answers. */
  find(response: StunReader): Check | undefined {
    const check = this.#checks.get(response.transactionWord(0));
    if (check === undefined) return undefined;
    for (let i = 1; i < 3; i++) {
      if (check.transaction.idWord(i) !== response.transactionWord(i)) return undefined;
    }
    return check;
  }

  /** Forgets a check. */
  delete(check: Check): void {
    this.#checks.delete(check.transaction.idWord(0));
  }

  /** Forgets the checks of a session. */
  deleteOf(session: IceSession): void {
    for (const check of this.#checks.values()) if (check.session === session) this.delete(check);
  }

  /** Lets every check look at the clock; `onDue` hears of those that changed. */
  handleTimeout(now: number, onDue: (check: Check) => void): void {
    for (const check of this.#checks.values()) {
      if (check.transaction.pollTimeout() > now) continue;
      check.transaction.handleTimeout(now);
      onDue(check);
    }
  }

  /** The earliest deadline. */
  pollTimeout(): number {
    let next = NEVER;
    for (const { transaction } of this.#checks.values()) {
      next = Math.min(next, transaction.pollTimeout());
    }
    return next;
  }

  /** How many are out. */
  get size(): number {
    return this.#checks.size;
  }
}
