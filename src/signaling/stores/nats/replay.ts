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
 * whose beginning is gone wait for that snapshot.
 */
import type { RoomEntry, RoomSnapshot } from "../../room_entry.ts";

/** One message of a room's subject. */
export type LogMessage =
  /** A log begins; ignored while one lives. */
  | { t: "open"; epoch: string }
  /** Entries; `writer` and `batch` let their sender know them again. */
  | { t: "entries"; epoch: string; writer: string; batch: number; entries: RoomEntry[] }
  /** Stands for what is before entry number `skip` of message `seq`. */
  | { t: "snapshot"; epoch: string; seq: number; skip: number; snapshot: RoomSnapshot }
  /** The log ends; `*` is whichever lives. */
  | { t: "end"; epoch: string };

/** What a message did. */
export type Outcome =
  | { type: "entries"; first: number; entries: readonly RoomEntry[] }
  | { type: "ended" }
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
  /** Position of its last entry. */
  position = 0;
  /** Where it begins. */
  snapshot: RoomSnapshot | undefined;
  /** The entries behind the snapshot, until {@linkcode Replay.release}. */
  entries: RoomEntry[] = [];
  #keepsEntries = true;
  /** Which messages hold which entries. */
  #pieces: Piece[] = [];
  /** Entries whose place is not known yet. */
  #unplaced: { seq: number; epoch: string; entries: RoomEntry[] }[] = [];

  /** Whether there are entries whose beginning is missing. */
  get isTorn(): boolean {
    return this.#unplaced.length > 0;
  }

  /** Takes the next message. */
  take(seq: number, message: LogMessage): Outcome {
    this.seq = seq;
    switch (message.t) {
      case "open":
        if (this.epoch === undefined && !this.isTorn) this.#begin(message.epoch, 0, undefined);
        return NOTHING;
      case "entries":
        return this.#entries(seq, message.epoch, message.entries);
      case "snapshot":
        return this.#snapshot(message);
      case "end":
        return this.#end(message.epoch);
    }
  }

  /** Keeps no entries any more; what comes is in the outcomes. */
  release(): void {
    this.#keepsEntries = false;
    this.entries = [];
  }

  /** Where a snapshot of this position cuts, or `undefined` when an older place is cut already. */
  cutAt(position: number): { seq: number; skip: number } | undefined {
    if (position <= (this.snapshot?.position ?? 0)) return undefined;
    const piece = this.#pieces.find(({ first, count }) => first + count > position + 1);
    if (piece === undefined) return { seq: this.seq + 1, skip: 0 };
    return { seq: piece.seq, skip: Math.max(0, position + 1 - piece.first) };
  }

  #begin(epoch: string, position: number, snapshot: RoomSnapshot | undefined): void {
    this.epoch = epoch;
    this.position = position;
    this.snapshot = snapshot;
    this.entries = [];
    this.#pieces = [];
    this.#unplaced = [];
  }

  #entries(seq: number, epoch: string, entries: RoomEntry[]): Outcome {
    if (this.epoch === undefined) {
      // Behind an end they are late; at the front they may be what a purge left.
      if (!this.#hasEnded) this.#unplaced.push({ seq, epoch, entries });
      return NOTHING;
    }
    return epoch === this.epoch ? this.#place(seq, entries) : NOTHING;
  }

  #hasEnded = false;

  #place(seq: number, entries: readonly RoomEntry[]): Outcome {
    const first = this.position + 1;
    this.position += entries.length;
    this.#pieces.push({ seq, first, count: entries.length });
    if (this.#keepsEntries) { for (const entry of entries) this.entries.push(entry); }
    return { type: "entries", first, entries };
  }

  #snapshot(message: LogMessage & { t: "snapshot" }): Outcome {
    const { epoch, seq, skip, snapshot } = message;
    if (this.epoch === undefined) {
      if (this.#hasEnded) return NOTHING;
      const kept = this.#unplaced.filter((each) => each.epoch === epoch && each.seq >= seq);
      this.#begin(epoch, snapshot.position, snapshot);
      for (const each of kept) {
        this.#place(each.seq, each.seq === seq ? each.entries.slice(skip) : each.entries);
      }
      return NOTHING;
    }
    const { position } = snapshot;
    if (epoch !== this.epoch || position <= (this.snapshot?.position ?? 0)) return NOTHING;
    const base = this.snapshot?.position ?? 0;
    this.snapshot = snapshot;
    this.#pieces = this.#pieces.filter(({ first, count }) => first + count > position + 1);
    if (this.#keepsEntries) this.entries.splice(0, position - base);
    return NOTHING;
  }

  #end(epoch: string): Outcome {
    if (this.epoch === undefined) {
      this.#unplaced = [];
      this.#hasEnded = true;
      return NOTHING;
    }
    if (epoch !== "*" && epoch !== this.epoch) return NOTHING;
    this.#begin("", 0, undefined);
    this.epoch = undefined;
    this.#hasEnded = true;
    return { type: "ended" };
  }
}
