import { Ring } from "../../../base/mod.ts";
import { roomEnded } from "../feed.ts";
import type { RoomEntry, RoomSnapshot } from "../../room_entry.ts";
import type { KeepAlive, RoomFollower, RoomLog, RoomStore } from "../../store.ts";
import type { SqlStorage } from "./durable_host.ts";

/** One life of a room that somebody follows. */
interface Log {
  readonly room: string;
  readonly epoch: string;
  position: number;
  base: number;
  readonly followers: Set<RoomFollower>;
  /** Appended and not yet delivered: a follower may append while it is being told. */
  readonly undelivered: Ring<readonly RoomEntry[]>;
  isDelivering: boolean;
  isGone: boolean;
}

/** A room as it is stored. */
export interface StoredRoom {
  /** Its name. */
  readonly room: string;
  /** The room at the trimmed end. */
  readonly snapshot: RoomSnapshot | undefined;
  /** What stands behind it. */
  readonly entries: RoomEntry[];
  /** When the last entry was appended, milliseconds. */
  readonly toldAt: number;
}

/** Entries cost one row each; everything else is written rarely. */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS sterna_rooms (room TEXT PRIMARY KEY, epoch TEXT NOT NULL,
    base INTEGER NOT NULL, snapshot TEXT, kept_until INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS sterna_entries (room TEXT NOT NULL, position INTEGER NOT NULL,
    entry TEXT NOT NULL, told_at INTEGER NOT NULL, PRIMARY KEY (room, position)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS sterna_leases (instance TEXT PRIMARY KEY, until INTEGER NOT NULL)`,
];

/**
 * Rooms in the SQL storage of a Durable Object, which outlives the object's memory. It answers
 * everything at once. {@linkcode SignalingRoom} brings its own.
 *
 * @example
 * ```ts
 * import { SqlStore } from "@sterna/webrtc/signaling/durable-objects";
 *
 * export class Room {
 *   readonly store: SqlStore;
 *   constructor(state: { storage: { sql: ConstructorParameters<typeof SqlStore>[0] } }) {
 *     this.store = new SqlStore(state.storage.sql);
 *   }
 * }
 * ```
 */
export class SqlStore implements RoomStore {
  readonly #sql: SqlStorage;
  readonly #now: () => number;
  readonly #logs = new Map<string, Log>();
  #hasTables = false;

  /**
   * Reads and writes nothing yet.
   *
   * @param now milliseconds of a clock that goes on while the object sleeps
   */
  constructor(sql: SqlStorage, now: () => number = () => Date.now()) {
    this.#sql = sql;
    this.#now = now;
  }

  /** See {@linkcode RoomStore.open}; never waits. */
  open(
    room: string,
    epoch: string | undefined,
    ttlMs: number,
    follower: RoomFollower,
  ): RoomLog | undefined {
    if (!this.#isThere()) {
      if (epoch === undefined) return undefined;
      this.#createTables();
    }
    const now = this.#now();
    const until = Math.min(now + ttlMs, Number.MAX_SAFE_INTEGER);
    let [row] = this.#query(
      "SELECT epoch, base, kept_until FROM sterna_rooms WHERE room = ?",
      room,
    );
    if (row !== undefined && (row["kept_until"] as number) < now) {
      this.#forget(room);
      row = undefined;
    }
    if (row === undefined) {
      if (epoch === undefined) return undefined;
      const insert = "INSERT INTO sterna_rooms (room, epoch, base, kept_until) VALUES (?, ?, 0, ?)";
      this.#query(insert, room, epoch, until);
    } else if ((row["kept_until"] as number) < until) {
      this.#query("UPDATE sterna_rooms SET kept_until = ? WHERE room = ?", until, room);
    }
    return this.#follow(room, follower);
  }

  /** See {@linkcode RoomStore.keepAlive}; also forgets rooms that nobody keeps. */
  keepAlive(beat: KeepAlive): string[] {
    this.#createTables();
    const now = this.#now();
    const lease = "INSERT OR REPLACE INTO sterna_leases (instance, until) VALUES (?, ?)";
    this.#query(lease, beat.instance, now + beat.ttlMs);
    for (const { room, ttlMs } of beat.rooms) {
      const keep = "UPDATE sterna_rooms SET kept_until = max(kept_until, ?) WHERE room = ?";
      this.#query(keep, now + ttlMs, room);
    }
    const dead = this.#query("SELECT room FROM sterna_rooms WHERE kept_until < ?", now);
    for (const { room } of dead) this.#forget(room as string);
    this.#query("DELETE FROM sterna_leases WHERE until < ?", now);
    const alive = new Set(
      this.#query("SELECT instance FROM sterna_leases").map((row) => {
        return row["instance"];
      }),
    );
    return beat.others.filter((instance) => !alive.has(instance));
  }

  /** Stops telling followers. What is stored stays. */
  close(): void {
    this.#logs.clear();
  }

  /** Every room that is stored. */
  rooms(): StoredRoom[] {
    if (!this.#isThere()) return [];
    return this.#query("SELECT room, base FROM sterna_rooms").map(({ room, base }) => {
      const last = "SELECT max(told_at) AS at FROM sterna_entries WHERE room = ?";
      const [row] = this.#query(last, room as string);
      return {
        room: room as string,
        ...this.#read(room as string, base as number),
        toldAt: (row?.["at"] ?? this.#now()) as number,
      };
    });
  }

  /** Appends to a room that nobody follows yet. */
  append(room: string, entries: readonly RoomEntry[]): void {
    const [row] = this.#query("SELECT base FROM sterna_rooms WHERE room = ?", room);
    if (row !== undefined) this.#write(room, this.#lastOf(room, row["base"] as number), entries);
  }

  #follow(room: string, follower: RoomFollower): RoomLog {
    const [row] = this.#query("SELECT epoch, base FROM sterna_rooms WHERE room = ?", room);
    const epoch = row!["epoch"] as string, base = row!["base"] as number;
    const read = this.#read(room, base);
    let log = this.#logs.get(room);
    if (log === undefined) {
      log = {
        room,
        epoch,
        position: base + read.entries.length,
        base,
        followers: new Set(),
        undelivered: new Ring(),
        isDelivering: false,
        isGone: false,
      };
      this.#logs.set(room, log);
    }
    log.followers.add(follower);
    return { epoch, ...read, ...this.#face(log, follower) };
  }

  #face(
    log: Log,
    follower: RoomFollower,
  ): Pick<RoomLog, "append" | "trim" | "remove" | "unfollow"> {
    const live = (): void => {
      if (log.isGone) throw roomEnded(log.room);
    };
    return {
      append: (entries) => {
        live();
        this.#write(log.room, log.position, entries);
        const first = log.position + 1;
        log.position += entries.length;
        const last = log.position;
        log.undelivered.push(entries);
        if (!log.isDelivering) deliver(log, first);
        return last;
      },
      trim: (snapshot) => {
        live();
        const { position } = snapshot;
        if (position <= log.base) return;
        log.base = position;
        const update = "UPDATE sterna_rooms SET base = ?, snapshot = ? WHERE room = ?";
        this.#query(update, position, JSON.stringify(snapshot), log.room);
        const forget = "DELETE FROM sterna_entries WHERE room = ? AND position <= ?";
        this.#query(forget, log.room, position);
      },
      remove: () => {
        log.followers.delete(follower);
        if (!log.isGone) this.#forget(log.room);
      },
      unfollow: () => {
        log.followers.delete(follower);
        if (log.followers.size === 0 && this.#logs.get(log.room) === log) {
          this.#logs.delete(log.room);
        }
      },
    };
  }

  #write(room: string, position: number, entries: readonly RoomEntry[]): void {
    const now = this.#now();
    for (const entry of entries) {
      const insert =
        "INSERT INTO sterna_entries (room, position, entry, told_at) VALUES (?, ?, ?, ?)";
      this.#query(insert, room, ++position, JSON.stringify(entry), now);
    }
  }

  #read(room: string, base: number): Pick<StoredRoom, "snapshot" | "entries"> {
    const select = "SELECT entry FROM sterna_entries WHERE room = ? AND position > ? " +
      "ORDER BY position";
    const rows = this.#query(select, room, base);
    const [row] = this.#query("SELECT snapshot FROM sterna_rooms WHERE room = ?", room);
    const text = row?.["snapshot"];
    return {
      snapshot: typeof text === "string" ? JSON.parse(text) as RoomSnapshot : undefined,
      entries: rows.map(({ entry }) => JSON.parse(entry as string) as RoomEntry),
    };
  }

  #lastOf(room: string, base: number): number {
    const last = "SELECT max(position) AS last FROM sterna_entries WHERE room = ?";
    return (this.#query(last, room)[0]?.["last"] ?? base) as number;
  }

  #forget(room: string): void {
    this.#query("DELETE FROM sterna_rooms WHERE room = ?", room);
    this.#query("DELETE FROM sterna_entries WHERE room = ?", room);
    const log = this.#logs.get(room);
    if (log === undefined) return;
    log.isGone = true;
    this.#logs.delete(room);
    for (const follower of [...log.followers]) follower.lost(roomEnded(room));
    log.followers.clear();
  }

  /** Whether anything was ever stored: an object that is only asked shall cost nothing. */
  #isThere(): boolean {
    if (this.#hasTables) return true;
    const tables = "SELECT name FROM sqlite_master WHERE name = 'sterna_leases'";
    return this.#hasTables = this.#query(tables).length > 0;
  }

  #createTables(): void {
    if (this.#isThere()) return;
    for (const table of TABLES) this.#query(table);
    this.#hasTables = true;
  }

  #query(query: string, ...bindings: (string | number)[]): Record<string, unknown>[] {
    return this.#sql.exec(query, ...bindings).toArray();
  }
}

function deliver(log: Log, first: number): void {
  log.isDelivering = true;
  for (let next = log.undelivered.shift(); next; next = log.undelivered.shift()) {
    for (const follower of log.followers) follower.entries(first, next);
    first += next.length;
  }
  log.isDelivering = false;
}
