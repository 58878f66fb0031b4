import { SignalingError } from "../errors.ts";
import type { RoomEntry } from "../room_entry.ts";
import type { RoomFollower } from "../store.ts";

/** Hands a log to its follower: every entry once, in order, until it is over. */
export class Feed {
  readonly #follower: RoomFollower;
  #position = 0;
  #last: RoomEntry | undefined;
  #isOver = false;

  /** @param follower whom to tell */
  constructor(follower: RoomFollower) {
    this.#follower = follower;
  }

  /** Position of the last entry that was handed on. */
  get position(): number {
    return this.#position;
  }

  /** Whether nothing is handed on any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Begins behind what `open` answers with. */
  start(position: number, last: RoomEntry | undefined): void {
    this.#position = position;
    this.#last = last;
  }

  /**
   * Hands on those of `entries` that were not yet.
   *
   * @param first position of the first of them
   * @returns `false` when entries before them are missing
   */
  offer(first: number, entries: readonly RoomEntry[]): boolean {
    if (this.#isOver) return true;
    const known = this.#position + 1 - first;
    if (known < 0) return false;
    if (known >= entries.length) return true;
    const fresh = known === 0 ? entries : entries.slice(known);
    const at = this.#position + 1;
    this.#position += fresh.length;
    this.#last = fresh.at(-1);
    this.#follower.entries(at, fresh);
    return true;
  }

  /**
   * Whether `entry`, which the store has at {@linkcode Feed.position}, is the one that was handed on
   * from there. It is not when the store lost its latest entries and others took their places.
   */
  isLast(entry: RoomEntry): boolean {
    return this.#last === undefined || JSON.stringify(this.#last) === JSON.stringify(entry);
  }

  /** Tells the follower that there will be no more. */
  lose(reason: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#follower.lost(reason);
  }

  /** Nothing is told any more, not even this. */
  stop(): void {
    this.#isOver = true;
  }
}

/** The log has ended. */
export function roomEnded(room: string): SignalingError {
  return new SignalingError("room-closed", `room ${room} has ended`);
}

/** The store lost a part of the log, or could not be followed fast enough. */
export function logBroken(room: string): SignalingError {
  return new SignalingError("try-again", `the log of room ${room} cannot be followed`);
}

/** The store was closed. */
export function storeClosed(): SignalingError {
  return new SignalingError("try-again", "the store of rooms was closed");
}
