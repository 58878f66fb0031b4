import { soon } from "./task_queue.ts";

/**
 * webrtc-pc §6.2, bufferedAmount: "the returned value MUST NOT be decreased before the current task
 * yielded back to the event loop". What was sent in this task may have left the queue in one of its
 * microtasks already.
 */
export class HeldAmount {
  /** What the value may not fall below, bytes. */
  amount = 0;
  #isHolding = false;
  #isFrozen = false;

  /** More bytes were sent in this task; `false` when they are the first ones. */
  extend(size: number): boolean {
    if (this.#isHolding) this.amount += size;
    return this.#isHolding;
  }

  /** The first bytes of this task were sent: `amount` is all that is queued now, with them. */
  begin(amount: number): void {
    this.#isHolding = true;
    this.amount = amount;
    soon(this.#release);
  }

  /** The connection is closed: the value stays what it is. */
  freeze(amount: number): void {
    this.#isFrozen = true;
    this.amount = amount;
  }

  readonly #release = (): void => {
    this.#isHolding = false;
    if (!this.#isFrozen) this.amount = 0;
  };
}
