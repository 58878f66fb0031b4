/**
 * What the messages of one room's subject mean: a reducer, like the room itself. JetStream gives them
 * one order, and everything else follows from it, so nothing has to be locked or compared.
 *
 * ```
 * open E1   entries E1   entries E1   snapshot E1   entries E1   end E1   entries E1   open E2  …
 *           1,2,3        4            of 1–3        5            log ends (ignored)    1 …
 * ```
 *
 * A purge takes messages away from the front, once a snapshot behind them stands for them. Entries
 * whose beginning is gone wait for that snapshot. Behind the front there may be an `open` or an `end`
 * that came too late and did nothing; until a snapshot tells, a reader cannot know. It can know that
 * the `end` before an `open` in force is never purged before the `open` itself.
 */
import type { RoomEntry, RoomSnapshot } from "../../room_entry.ts";

/** One message of a room's subject. */
export type LogMessage =
  /** A log begins; ignored while one lives. */
  | { t: "open"; epoch: string }
  /**
   * Entries of the log that message `from` opened; `writer` and `batch` let their sender know them
   * again.
   */
  | { t: "entries"; from: number; writer: string; batch: number; entries: RoomEntry[] }
  /**
   * Stands for what is before entry number `skip` of message `seq`, in the log that message `from`
   * opened.
   */
  | {
    t: "snapshot";
    epoch: string;
    from: number;
    seq: number;
    skip: number;
    snapshot: RoomSnapshot;
  }
  /** The log that message `from` opened has ended; without `from`, whichever lives. */
  | { t: "end"; from?: number };

/** What a message did. */
export type Outcome =
  | { type: "entries"; first: number; entries: readonly RoomEntry[] }
  | { type: "ended" }
  /** A snapshot says otherwise: messages were purged before they could be read. */
  | { type: "torn" }
  | { type: "nothing" };

interface Piece {
  readonly seq: number;
  readonly first: number;
  readonly count: number;
}

const NOTHING: Outcome = { type: "nothing" };

/** A room's subject, read up to some message. */
export class Replay {
  /** Number of the last message. */
  seq = 0;
  /** The log that lives. */
  epoch: string | undefined;
  /** Number of the message that opened it. */
  from = 0;
  /** Position of its last entry. */
  position = 0;
  /** Where it begins. */
  snapshot: RoomSnapshot | undefined;
  /** The entries behind the snapshot, until {@linkcode Replay.release}. */
  entries: RoomEntry[] = [];
  /** The snapshot stands for every message before this one. */
  cut = 0;
  #keepsEntries = true;
  /** Whether its `open` was read, and not only a snapshot. */
  #isOpened = false;
  /** Which messages hold which entries. */
  #pieces: Piece[] = [];
  /** Entries as they came, until it is released: a snapshot may put them elsewhere. */
  #raw: { seq: number; from: number; entries: RoomEntry[] }[] = [];
  /** Logs are opened one after the other: those of this message and before have ended. */
  #ended = 0;

  /** Whether there are entries whose beginning is missing. */
  get isTorn(): boolean {
    return this.epoch === undefined && this.#raw.length > 0;
  }

  /** Takes the next message. */
  take(seq: number, message: LogMessage): Outcome {
    this.seq = seq;
    switch (message.t) {
      case "open":
        if (this.epoch === undefined && !this.isTorn) {
          this.#begin(message.epoch, seq, undefined);
          this.#isOpened = true;
        }
        return NOTHING;
      case "entries":
        return this.#entries(seq, message.from, message.entries);
      case "snapshot":
        return this.#snapshot(message);
      case "end":
        return this.#end(message.from ?? seq);
    }
  }

  /** Keeps no entries any more; what comes is in the outcomes. */
  release(): void {
    this.#keepsEntries = false;
    this.entries = [];
    this.#raw = [];
  }

  /** Where a snapshot of this position cuts, or `undefined` when an older place is cut already. */
  cutAt(position: number): { from: number; seq: number; skip: number } | undefined {
    if (position <= (this.snapshot?.position ?? 0)) return undefined;
    const { from } = this;
    const piece = this.#pieces.find(({ first, count }) => first + count > position + 1);
    if (piece === undefined) return { from, seq: this.seq + 1, skip: 0 };
    return { from, seq: piece.seq, skip: Math.max(0, position + 1 - piece.first) };
  }

  #begin(epoch: string | undefined, from: number, snapshot: RoomSnapshot | undefined): void {
    this.epoch = epoch;
    this.from = from;
    this.position = snapshot?.position ?? 0;
    this.snapshot = snapshot;
    this.entries = [];
    this.#pieces = [];
    this.#isOpened = false;
    this.cut = 0;
  }

  #entries(seq: number, from: number, entries: RoomEntry[]): Outcome {
    if (from <= this.#ended) return NOTHING;
    if (this.#keepsEntries) this.#raw.push({ seq, from, entries });
    return this.epoch !== undefined && from === this.from ? this.#place(seq, entries) : NOTHING;
  }

  /** Counts the entries of a message, but for those that the snapshot stands for. */
  #place(seq: number, whole: readonly RoomEntry[], skip = 0): Outcome {
    const entries = skip === 0 ? whole : whole.slice(skip), first = this.position + 1;
    this.position += entries.length;
    this.#pieces.push({ seq, first: first - skip, count: whole.length });
    if (this.#keepsEntries) { for (const entry of entries) this.entries.push(entry); }
    return { type: "entries", first, entries };
  }

  #snapshot(message: LogMessage & { t: "snapshot" }): Outcome {
    const { epoch, from, seq, skip, snapshot } = message;
    if (from <= this.#ended) return NOTHING;
    if (from === this.from) {
      if (snapshot.position <= (this.snapshot?.position ?? 0)) return NOTHING;
      if (!this.#keepsEntries) return this.#trim(message);
    } else {
      if (!this.#keepsEntries) return NOTHING;
      // An earlier log whose end is not here lives, and what was opened beside it does not. Of two
      // whose opening is not here the later one does.
      if (this.epoch !== undefined && !this.#isOpened && from < this.from) return NOTHING;
    }
    // What was counted before may have been without messages that were purged.
    this.#begin(epoch, from, snapshot);
    this.cut = seq;
    for (const each of this.#raw) {
      if (each.from !== from || each.seq < seq) continue;
      this.#place(each.seq, each.entries, each.seq === seq ? skip : 0);
    }
    return NOTHING;
  }

  #trim({ seq, skip, snapshot }: LogMessage & { t: "snapshot" }): Outcome {
    const { position } = snapshot;
    const piece = this.#pieces.find((each) => each.seq >= seq);
    const next = piece === undefined ? this.position : piece.first + skip - 1;
    this.snapshot = snapshot;
    this.cut = seq;
    this.#pieces = this.#pieces.filter(({ first, count }) => first + count > position + 1);
    return next === position ? NOTHING : { type: "torn" };
  }

  #end(from: number): Outcome {
    this.#ended = Math.max(this.#ended, from);
    this.#raw = this.#raw.filter((each) => each.from > this.#ended);
    if (this.epoch === undefined || this.from > this.#ended) return NOTHING;
    this.#begin(undefined, 0, undefined);
    return { type: "ended" };
  }
}
