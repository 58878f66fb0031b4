import type {
  KeepAlive,
  MaybePromise,
  RoomFollower,
  RoomLog,
  RoomStore,
} from "../../src/signaling/mod.ts";

/**
 * A store that answers late, each time by another delay, and delivers late, as one behind a network
 * does. The order that stores promise is kept, and nothing else: `open` may be answered after entries
 * have been delivered.
 */
export class SlowStore implements RoomStore {
  readonly #inner: RoomStore;
  readonly #delayMs: () => number;
  #isClosed = false;
  /** Everything that is under way. */
  readonly #chains: Chain[] = [];

  /** @param delayMs delay of the next step, milliseconds; 0 for a microtask */
  constructor(inner: RoomStore, delayMs: () => number) {
    this.#inner = inner;
    this.#delayMs = delayMs;
  }

  async open(
    room: string,
    epoch: string | undefined,
    ttlMs: number,
    follower: RoomFollower,
  ): Promise<RoomLog | undefined> {
    await this.#pause();
    const deliveries = this.#chain();
    const log = await this.#inner.open(room, epoch, ttlMs, {
      entries: (first, entries) => {
        const copy = structuredClone(entries);
        void deliveries.run(() => this.#unlessClosed(() => follower.entries(first, copy)));
      },
      lost: (reason) => void deliveries.run(() => this.#unlessClosed(() => follower.lost(reason))),
    });
    await this.#pause();
    return log && this.#face(log);
  }

  async keepAlive(beat: KeepAlive): Promise<readonly string[]> {
    await this.#pause();
    return await this.#inner.keepAlive(beat);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const chain of this.#chains) await chain.run(() => {});
    await this.#inner.close();
  }

  #face(log: RoomLog): RoomLog {
    const calls = this.#chain();
    return {
      epoch: log.epoch,
      snapshot: log.snapshot,
      entries: log.entries,
      append: (entries) => {
        const copy = structuredClone(entries);
        return calls.run(() => log.append(copy));
      },
      trim: (snapshot) => calls.run(() => log.trim(snapshot)),
      remove: () => calls.run(() => log.remove()),
      unfollow: () => log.unfollow(),
    };
  }

  #chain(): Chain {
    const chain = new Chain(() => this.#pause());
    this.#chains.push(chain);
    return chain;
  }

  #unlessClosed(work: () => void): void {
    if (!this.#isClosed) work();
  }

  async #pause(): Promise<void> {
    const delayMs = this.#isClosed ? 0 : this.#delayMs();
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

/** Runs one after the other, each after a pause. */
class Chain {
  readonly #pause: () => Promise<void>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  run<Value>(work: () => MaybePromise<Value>): Promise<Value> {
    const result = this.#last.then(() => this.#pause()).then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
