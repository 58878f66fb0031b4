/**
 * Where rooms live. A store keeps one log per room and hands it, in one order, to every instance that
 * follows the room. It never looks into entries and snapshots, which are plain JSON.
 *
 * What every store must keep:
 *
 * 1. **One order.** Positions of a log are 1, 2, 3 … without gaps, and the entries of one `append`
 *    stand together. Every follower sees every entry once, in this order.
 * 2. **Appends of one `RoomLog` keep their order**, however slow the store is.
 * 3. **An epoch ends for good.** After `remove`, or when the log was lost, every call on the old
 *    `RoomLog` fails, and its followers are told by `lost`. Another `open` starts a log with a new
 *    epoch at position 1.
 * 4. **An append that failed may have happened.** Repeating it is safe: the room ignores duplicates.
 * 5. **`open` is a cut**: `snapshot` and `entries` are everything up to some position, and the
 *    follower gets what comes after it.
 *
 * A method may answer at once or with a promise; a store that answers at once is never waited for.
 *
 * @module
 */
import type { RoomEntry, RoomSnapshot } from "./room_entry.ts";

/** A value, or a promise of it. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** One room's log as one instance follows it. */
export interface RoomLog {
  /** Names this life of the log. */
  readonly epoch: string;
  /** The room at the trimmed end, or `undefined` when nothing was trimmed yet. */
  readonly snapshot: RoomSnapshot | undefined;
  /** What stood behind the snapshot when the log was opened; the first is at its position + 1. */
  readonly entries: readonly RoomEntry[];
  /**
   * Appends, atomically and in the order of the calls. The entries come back through the follower
   * like everybody else's; the result is the position of the last one.
   *
   * @throws (or rejects with) any error: the entries may have been appended or not
   */
  append(entries: readonly RoomEntry[]): MaybePromise<number>;
  /**
   * Forgets the entries up to `snapshot.position`, which stands for them from now on. A snapshot
   * older than the one in place is ignored.
   */
  trim(snapshot: RoomSnapshot): MaybePromise<void>;
  /** Forgets the log of this epoch; ignored when it is gone. */
  remove(): MaybePromise<void>;
  /** Stops following. Nothing is delivered afterwards. */
  unfollow(): MaybePromise<void>;
}

/** Receives what others, and this instance, append. */
export interface RoomFollower {
  /** Entries in order; `first` is the position of the first of them. */
  entries(first: number, entries: readonly RoomEntry[]): void;
  /** The log can no longer be followed: removed, or the store failed. Nothing comes afterwards. */
  lost(reason: Error): void;
}

/** What an instance tells the store at regular times. */
export interface KeepAlive {
  /** This instance. */
  instance: string;
  /** How long it counts as alive from now on, milliseconds. */
  ttlMs: number;
  /** The rooms that it follows, and how long they are to be kept should all instances die. */
  rooms: readonly { readonly room: string; readonly ttlMs: number }[];
  /** Other instances that hold sockets of these rooms. */
  others: readonly string[];
}

/** Where rooms live; shared by all instances. */
export interface RoomStore {
  /**
   * Opens a room's log and follows it.
   *
   * @param epoch names the log if there is none yet; without it none is made
   * @param ttlMs how long the log is to be kept when nobody keeps it alive, milliseconds
   * @returns `undefined` when there is no log and none was to be made
   * @throws (or rejects) when the store cannot be reached
   */
  open(
    room: string,
    epoch: string | undefined,
    ttlMs: number,
    follower: RoomFollower,
  ): MaybePromise<RoomLog | undefined>;
  /** Keeps this instance and its rooms alive. Returns those of `others` whose time ran out. */
  keepAlive(beat: KeepAlive): MaybePromise<readonly string[]>;
  /** Lets go of connections and timers. */
  close(): MaybePromise<void>;
}
