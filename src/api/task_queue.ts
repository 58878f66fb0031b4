import { reportListenerError } from "./report_error.ts";

interface Immediates {
  setImmediate?: (callback: () => void) => unknown;
}

/** Calls back in a task of its own. Looked up at each call: a program may put fake timers in place. */
export function soon(callback: () => void): void {
  const { setImmediate } = globalThis as Immediates;
  if (setImmediate !== undefined) setImmediate(callback);
  else setTimeout(callback, 0);
}

/**
 * The networking task source of one connection (HTML §8.1.7): tasks run one by one, in the order they
 * were queued, each in a turn of the event loop of its own. So the microtasks of one event, such as
 * the rest of an `async` function that awaited it, have run before the next event is fired.
 */
export class TaskQueue {
  readonly #tasks: (() => void)[] = [];
  #head = 0;
  readonly #run: () => void = () => this.#runNext();

  /** How many tasks wait. */
  get length(): number {
    return this.#tasks.length - this.#head;
  }

  /** Queues a task. Its exceptions are reported, not thrown. */
  queue(task: () => void): void {
    this.#tasks.push(task);
    soon(this.#run);
  }

  /** Fulfils in a task of its own: "queue a task to run the rest of these steps". */
  turn(): Promise<void> {
    return new Promise((resolve) => this.queue(resolve));
  }

  /** Forgets what waits. */
  clear(): void {
    this.#tasks.length = 0;
    this.#head = 0;
  }

  #runNext(): void {
    const task = this.#tasks[this.#head];
    if (task === undefined) return;
    this.#head++;
    if (this.#head === this.#tasks.length) this.clear();
    else if (this.#head >= 1024) this.#tasks.splice(0, this.#head), this.#head = 0;
    try {
      task();
    } catch (error) {
      reportListenerError(error);
    }
  }
}
