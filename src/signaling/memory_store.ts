import { Ring } from "../base/mod.ts";
import { SignalingError } from "./errors.ts";
import type { RoomEntry, RoomSnapshot } from "./room_entry.ts";
import type { KeepAlive, RoomFollower, RoomLog, RoomStore } from "./store.ts";

/** One life of a room. */
interface Log {
  readonly room: string;
  readonly epoch: string;
  snapshot: RoomSnapshot | undefined;
  entries: RoomEntry[];
  /** Position of the first of `entries`. */
  first: number;
  readonly followers: Set<RoomFollower>;
  /** Appended and not yet delivered: a follower may append while it is being told. */
  readonly undelivered: Ring<readonly RoomEntry[]>;
  isDelivering: boolean;
  isGone: boolean;
  keptUntil: number;
}

/**
 * Rooms in the memory of one process: the store of {@linkcode signaling} where no other is given.
 * Several instances in the process may share one. It answers everything at once, and a room costs
 * what its bounded log costs.
 *
 * @example
 * ```ts
 * import { MemoryStore, signaling } from "@sterna/webrtc/signaling";
 *
 * const store = new MemoryStore();
 * const [one, two] = [signaling({ store }), signaling({ store })]; // the same rooms
 * console.log(one !== two);
 * ```
 */
export class MemoryStore implements RoomStore {
  readonly #now: () => number;
  readonly #logs = new Map<string, Log>();
  readonly #leases = new Map<string, number>();

  /**
   * Starts empty.
   *
   * @param now monotonic milliseconds; another clock for tests
   */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many rooms there are. */
  get size(): number {
    return this.#logs.size;
  }

  /** See {@linkcode RoomStore.open}; never waits. */
  open(
    room: string,
    epoch: string | undefined,
    ttlMs: number,
    follower: RoomFollower,
  ): RoomLog | undefined {
    let log = this.#logs.get(room);
    if (log === undefined) {
      if (epoch === undefined) return undefined;
      log = {
        room,
        epoch,
        snapshot: undefined,
        entries: [],
        first: 1,
        followers: new Set(),
        undelivered: new Ring(),
        isDelivering: false,
        isGone: false,
        keptUntil: 0,
      };
      this.#logs.set(room, log);
    }
    log.keptUntil = Math.max(log.keptUntil, this.#now() + ttlMs);
    log.followers.add(follower);
    return this.#face(log, follower);
  }

  /** See {@linkcode RoomStore.keepAlive}; also forgets rooms that nobody keeps. */
  keepAlive(beat: KeepAlive): string[] {
    const now = this.#now();
    this.#leases.set(beat.instance, now + beat.ttlMs);
    for (const { room, ttlMs } of beat.rooms) {
      const log = this.#logs.get(room);
      if (log !== undefined) log.keptUntil = Math.max(log.keptUntil, now + ttlMs);
    }
    for (const log of this.#logs.values()) if (log.keptUntil < now) this.#forget(log);
    for (const [instance, until] of this.#leases) if (until < now) this.#leases.delete(instance);
    return beat.others.filter((instance) => !this.#leases.has(instance));
  }

  /** Forgets every room. */
  close(): void {
    for (const log of this.#logs.values()) this.#forget(log);
  }

  #face(log: Log, follower: RoomFollower): RoomLog {
    const live = (): void => {
      if (log.isGone) throw new SignalingError("room-closed", `room ${log.room} has ended`);
    };
    return {
      epoch: log.epoch,
      snapshot: log.snapshot,
      entries: log.entries.slice(),
      append: (entries) => {
        live();
        for (const entry of entries) log.entries.push(entry);
        log.undelivered.push(entries);
        const last = log.first + log.entries.length - 1;
        if (!log.isDelivering) this.#deliver(log, last - entries.length + 1);
        return last;
      },
      trim: (snapshot) => {
        live();
        const count = snapshot.position + 1 - log.first;
        if (count <= 0) return;
        log.entries.splice(0, count);
        log.first = snapshot.position + 1;
        log.snapshot = snapshot;
      },
      remove: () => {
        log.followers.delete(follower);
        this.#forget(log);
      },
      unfollow: () => void log.followers.delete(follower),
    };
  }

  #deliver(log: Log, first: number): void {
    log.isDelivering = true;
    for (let next = log.undelivered.shift(); next; next = log.undelivered.shift()) {
      for (const follower of log.followers) follower.entries(first, next);
      first += next.length;
    }
    log.isDelivering = false;
  }

  #forget(log: Log): void {
    if (log.isGone) return;
    log.isGone = true;
    this.#logs.delete(log.room);
    const reason = new SignalingError("room-closed", `room ${log.room} has ended`);
    for (const follower of [...log.followers]) follower.lost(reason);
    log.followers.clear();
    log.entries = [];
  }
}
