import { NEVER } from "../base/mod.ts";
import type { TimerHandle } from "./host.ts";

interface VirtualTimer {
  readonly at: number;
  readonly callback: () => void;
}

/** Timers on virtual time, in the order of their deadlines; equal ones in the order of setting. */
export class VirtualTimers {
  /** Sorted, the earliest last, so that it is popped. */
  readonly #queue: VirtualTimer[] = [];

  /** Starts a timer for `at`, milliseconds. */
  set(at: number, callback: () => void): TimerHandle {
    const timer = { at, callback };
    let low = 0, high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#queue[middle]!.at > at) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, timer);
    return timer;
  }

  /** Stops a timer. */
  clear(timer: TimerHandle): void {
    const at = this.#queue.indexOf(timer as VirtualTimer);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  /** When the earliest is due, or `NEVER`. */
  next(): number {
    return this.#queue.at(-1)?.at ?? NEVER;
  }

  /** Runs the earliest timer if it is due. */
  runOne(now: number): void {
    if (this.next() <= now) this.#queue.pop()!.callback();
  }

  /** How many are running: none, after everything is closed. */
  get count(): number {
    return this.#queue.length;
  }
}
