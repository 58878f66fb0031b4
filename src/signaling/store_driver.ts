import type { RoomAction } from "./actions.ts";
import type { RoomEntry } from "./room_entry.ts";
import type { RoomMachine } from "./room_machine.ts";
import type { KeepAlive, MaybePromise, RoomFollower, RoomLog, RoomStore } from "./store.ts";

/** What a driver works for. */
export interface StoreDriverOwner {
  /** Takes the store's answers. */
  readonly machine: RoomMachine;
  /** The time of the step at work, or now. */
  now(): number;
  /** Does what an answer made to do; called when it came later. */
  step(): void;
}

type Opening = RoomAction & { type: "open" };

/** The logs that a machine follows: carries its wishes to the store and the answers back. */
export class StoreDriver {
  readonly #store: RoomStore;
  readonly #owner: StoreDriverOwner;
  readonly #logs = new Map<number, RoomLog>();
  /** Entries of the step at work, all of one room: they make one append. */
  #pending: RoomEntry[] = [];
  #pendingRoom = 0;
  #errors = 0;

  constructor(store: RoomStore, owner: StoreDriverOwner) {
    this.#store = store;
    this.#owner = owner;
  }

  /** How often the store failed. */
  get errors(): number {
    return this.#errors;
  }

  /** Opens a room's log and follows it. */
  open({ room, name, epoch, ttlMs }: Opening): void {
    const { machine } = this.#owner;
    /** What came while the answer to `open` was on its way. */
    let early: [number, readonly RoomEntry[]][] | undefined = [];
    let isLost = false;
    const follower: RoomFollower = {
      entries: (first, entries) => {
        if (early !== undefined) return void early.push([first, entries]);
        machine.handleEntries(this.#owner.now(), room, first, entries);
        this.#owner.step();
      },
      lost: () => {
        isLost = true;
        if (early === undefined) this.#lost(room);
      },
    };
    this.#attempt(() => this.#store.open(name, epoch, ttlMs, follower), (log) => {
      if (log !== undefined) this.#logs.set(room, log);
      machine.handleOpened(this.#owner.now(), room, log);
      for (const [first, entries] of early ?? []) {
        machine.handleEntries(this.#owner.now(), room, first, entries);
      }
      early = undefined;
      if (isLost) this.#lost(room);
    }, () => machine.handleLost(this.#owner.now(), room));
  }

  /** Appends an entry with its neighbours of this step. */
  append(room: number, entry: RoomEntry): void {
    if (room !== this.#pendingRoom) this.flush();
    this.#pendingRoom = room;
    this.#pending.push(entry);
  }

  /** Appends what has been collected. Returns `false` when there is nothing. */
  flush(): boolean {
    const entries = this.#pending, room = this.#pendingRoom;
    if (entries.length === 0) return false;
    this.#pending = [];
    const log = this.#logs.get(room);
    if (log !== undefined) this.#appendTo(room, log, entries);
    return true;
  }

  /** Trims a room's log. A trim that fails is made up for by the next. */
  trim(action: RoomAction & { type: "trim" }): void {
    this.#withLog(action.room, (log) => log.trim(action.snapshot));
  }

  /** Stops following a room. */
  unfollow(room: number): void {
    this.flush();
    this.#withLog(room, (log) => log.unfollow());
    this.#logs.delete(room);
  }

  /** Forgets a room that ended. */
  remove(room: number): void {
    this.flush();
    const log = this.#logs.get(room);
    this.#logs.delete(room);
    const done = (): void => this.#owner.machine.handleRemoved(this.#owner.now(), room);
    if (log === undefined) return done();
    this.#attempt(() => log.remove(), done, done);
  }

  /** Tells the store that this instance lives. */
  keepAlive(beat: KeepAlive): void {
    this.#attempt(() => this.#store.keepAlive(beat), (dead) => {
      this.#owner.machine.handleDead(this.#owner.now(), dead);
    }, () => {});
  }

  /** Stops following everything. */
  close(): void {
    for (const room of [...this.#logs.keys()]) this.unfollow(room);
  }

  /** As `#attempt` does, with little to allocate: this runs for every message. */
  #appendTo(room: number, log: RoomLog, entries: readonly RoomEntry[]): void {
    try {
      const result = log.append(entries);
      if (typeof result === "number") return;
      result.catch(() => this.#appendFailed(room)).finally(() => this.#owner.step());
    } catch {
      this.#appendFailed(room);
    }
  }

  #appendFailed(room: number): void {
    this.#errors++;
    this.#owner.machine.handleLost(this.#owner.now(), room);
  }

  #withLog(room: number, work: (log: RoomLog) => MaybePromise<void>): void {
    const log = this.#logs.get(room);
    if (log !== undefined) this.#attempt(() => work(log), () => {}, () => {});
  }

  #lost(room: number): void {
    this.#logs.delete(room);
    this.#owner.machine.handleLost(this.#owner.now(), room);
    this.#owner.step();
  }

  /** Asks the store; what follows happens at once when it answers at once. */
  #attempt<Value>(
    ask: () => MaybePromise<Value>,
    done: (value: Value) => void,
    failed: () => void,
  ): void {
    const fail = (): void => {
      this.#errors++;
      failed();
    };
    let result: MaybePromise<Value>;
    try {
      result = ask();
    } catch {
      return fail();
    }
    if (!(result instanceof Promise)) return done(result);
    result.then(done, fail).finally(() => this.#owner.step());
  }
}
