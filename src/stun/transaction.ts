import { NEVER, readU32 } from "../base/mod.ts";
import { STUN_TRANSACTION_ID_AT } from "./header.ts";
import type { StunReader } from "./reader.ts";

/** How a request is repeated over UDP. */
export interface StunTimers {
  /** RTO: time to the first retransmission, milliseconds; doubled each time. */
  readonly rtoMs: number;
  /** Rc: how often the request is sent in all. */
  readonly requests: number;
  /** Rm: how many RTOs to wait after the last one. */
  readonly finalWait: number;
}

/** RFC 8489 §6.2.1: RTO 500 ms, Rc 7, Rm 16; gives up after 39.5 s. */
export const STUN_TIMERS: StunTimers = { rtoMs: 500, requests: 7, finalWait: 16 };

/** RFC 8489 §6.2.2: over TCP and TLS a request is sent once and given up after Ti, 39.5 s. */
export const STUN_RELIABLE_TIMERS: StunTimers = { rtoMs: 39_500, requests: 1, finalWait: 1 };

/** Where a transaction stands. */
export type StunTransactionState = "waiting" | "answered" | "timed-out" | "cancelled";

/**
 * One request and its way to a response (RFC 8489 §6.2.1). Sends by itself nothing: it says when.
 *
 * @example
 * ```ts
 * import { StunClass, StunMethod, StunTransaction, StunWriter } from "@sterna/webrtc/stun";
 *
 * const out = new Uint8Array(20);
 * new StunWriter().begin(out, 0, StunMethod.BINDING, StunClass.REQUEST, new Uint8Array(12)).finish();
 * const transaction = new StunTransaction(0, out);
 * console.log(transaction.pollTransmit() === transaction.request); // true: send it
 * console.log(transaction.pollTimeout()); // 500
 * transaction.handleTimeout(500); // from here on pollTransmit gives the first retransmission
 * ```
 */
export class StunTransaction {
  /** The request, copied; the same bytes for every retransmission (RFC 8489 §6.2.1). */
  readonly request: Uint8Array;
  /** When it was made, milliseconds. */
  readonly startedAt: number;
  /** How often the request was sent, or is about to be. */
  sent = 1;
  #state: StunTransactionState = "waiting";
  #sendDue = true;
  #deadline: number;
  #intervalMs: number;
  readonly #timers: StunTimers;

  /** Starts it: the request is to be sent now. @param request a whole STUN request; copied */
  constructor(now: number, request: Uint8Array, timers: StunTimers = STUN_TIMERS) {
    this.request = request.slice();
    this.startedAt = now;
    this.#timers = timers;
    this.#intervalMs = timers.rtoMs;
    this.#deadline = now + this.#waitMs();
  }

  /** Where it stands. */
  get state(): StunTransactionState {
    return this.#state;
  }

  /** When {@linkcode StunTransaction.handleTimeout} has something to do, or `NEVER`. */
  pollTimeout(): number {
    return this.#state === "waiting" || this.#state === "cancelled" ? this.#deadline : NEVER;
  }

  /** The request when it is to be sent now, else `undefined`. */
  pollTransmit(): Uint8Array | undefined {
    if (!this.#sendDue) return undefined;
    this.#sendDue = false;
    return this.request;
  }

  /** Retransmits or gives up, when the time has come. */
  handleTimeout(now: number): void {
    if (now < this.pollTimeout()) return;
    if (this.#state === "cancelled" || this.sent >= this.#timers.requests) {
      this.#state = "timed-out";
      return;
    }
    this.sent++;
    this.#sendDue = true;
    this.#intervalMs *= 2;
    this.#deadline = now + this.#waitMs();
  }

  /**
   * Takes a message that may be the response; `true` when it was. The caller has checked its
   * integrity before, as far as the usage asks for it.
   */
  handleResponse(message: StunReader): boolean {
    if (this.#state === "answered" || this.#state === "timed-out") return false;
    for (let i = 0; i < 3; i++) {
      if (message.transactionWord(i) !== this.idWord(i)) return false;
    }
    this.#state = "answered";
    return true;
  }

  /**
   * Stops retransmitting, but still takes a response until the time is over that was left
   * (RFC 8445 §7.3.1.4).
   */
  cancel(): void {
    if (this.#state !== "waiting") return;
    this.#state = "cancelled";
    this.#sendDue = false;
    for (let left = this.#timers.requests - this.sent; left > 0; left--) {
      this.#intervalMs *= 2;
      this.#deadline += left === 1 ? this.#timers.rtoMs * this.#timers.finalWait : this.#intervalMs;
    }
  }

  /** Word 0, 1 or 2 of the transaction ID. */
  idWord(index: number): number {
    return readU32(this.request, STUN_TRANSACTION_ID_AT + 4 * index);
  }

  #waitMs(): number {
    const { requests, rtoMs, finalWait } = this.#timers;
    return this.sent >= requests ? rtoMs * finalWait : this.#intervalMs;
  }
}
