import { NEVER } from "../base/mod.ts";
import type { ClientMessage } from "./messages.ts";

/** A message before it has a number. */
export type Unnumbered<Message = Extract<ClientMessage, { seq: number }>> = Message extends
  { seq: number } ? Omit<Message, "seq"> : never;

/** A message that was given to the room and not confirmed by it. */
export interface Outgoing {
  /** The message as JSON, without its number. */
  readonly body: string;
  /** Its size in UTF-8. */
  readonly bytes: number;
  readonly type: Unnumbered["type"];
  /** Whom it concerns, if one member. */
  readonly to: string | undefined;
  /** Whether it may have reached the server. */
  wasSent: boolean;
}

/**
 * Messages on their way at once. The server confirms every 32 (`room_teller.ts`), so that this is no brake on any
 * network worth the name; it bounds what is sent again after a loss.
 */
const WINDOW = 256;
/** Bytes on their way at once, beyond one message. */
const WINDOW_BYTES = 512 * 1024;

/**
 * What a client has said and the room has not confirmed. Messages have the numbers 1, 2, 3 … in a
 * session, and are sent again, under the same numbers, until they are confirmed.
 */
export class Outbox {
  #entries: Outgoing[] = [];
  /** Number of the first entry. */
  #first = 1;
  /** Index of the entry that is to be sent next. */
  #next = 0;
  /** Bytes of the entries before that one. */
  #flightBytes = 0;
  #bytes = 0;

  /** How many messages are not confirmed. */
  get length(): number {
    return this.#entries.length;
  }

  /** How many of them wait to be sent, for the first time or again. */
  get queued(): number {
    return this.#entries.length - this.#next;
  }

  /** Bytes that are not confirmed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a message; returns its number. */
  add(entry: Outgoing): number {
    this.#bytes += entry.bytes;
    return this.#first + this.#entries.push(entry) - 1;
  }

  /** Everything up to `seq` has been taken. */
  acknowledge(seq: number): void {
    const taken = this.#entries.splice(0, Math.max(0, seq - this.#first + 1));
    this.#bytes -= sum(taken);
    this.#next = Math.max(0, this.#next - taken.length);
    this.#first = Math.max(this.#first, seq + 1);
    this.#flightBytes = sum(this.#entries.slice(0, this.#next));
  }

  /** Sends again what was not confirmed. */
  rewind(): void {
    this.#next = this.#flightBytes = 0;
  }

  /** Whether a message may be sent now. */
  get isReady(): boolean {
    return this.queued > 0 && this.#next < WINDOW && this.#flightBytes < WINDOW_BYTES;
  }

  /** The size of the next message. */
  get nextBytes(): number {
    return this.#entries[this.#next]?.bytes ?? 0;
  }

  /** The next message as it travels. Call it when `isReady`. */
  take(): string {
    const entry = this.#entries[this.#next]!;
    const seq = this.#first + this.#next++;
    this.#flightBytes += entry.bytes;
    entry.wasSent = true;
    return `{"seq":${seq},${entry.body.slice(1)}`;
  }

  /**
   * A new session begins: what was never sent and still has a sense (`keep`) gets new numbers; the rest
   * is returned.
   */
  restart(keep: (entry: Outgoing) => boolean): Outgoing[] {
    const before = this.#entries;
    const isKept = (entry: Outgoing): boolean => !entry.wasSent && keep(entry);
    this.#entries = before.filter(isKept);
    this.#first = 1;
    this.#next = this.#flightBytes = 0;
    this.#bytes = sum(this.#entries);
    return before.filter((entry) => !isKept(entry));
  }
}

function sum(entries: readonly Outgoing[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entry.bytes;
  return bytes;
}

/** Pause after a refusal, milliseconds: a bucket of any sense holds some messages again by then. */
const PAUSE_MS = 1000;
/** Rate after the first refusal, messages per second: below what servers grant by default. */
const FIRST_RATE = 32;
const SLOWEST_RATE = 1;
/** From here on nothing is held back. */
const FREE_RATE = 500;
const GROWTH_PER_SECOND = 1.1;

/** Sends as fast as it may; after the server said “too fast”, slower, and then faster again. */
export class Pace {
  #rate = NEVER;
  #readyAt = 0;
  #raisedAt = 0;

  /** When the next message may go. */
  get readyAt(): number {
    return this.#readyAt;
  }

  /** The server refused a message for its rate. */
  slow(now: number): void {
    this.#rate = this.#rate === NEVER ? FIRST_RATE : Math.max(SLOWEST_RATE, this.#rate / 2);
    this.#readyAt = this.#raisedAt = now + PAUSE_MS;
  }

  /** A message went out. */
  spend(now: number): void {
    if (this.#rate === NEVER) return;
    if (now - this.#raisedAt >= 1000) {
      this.#raisedAt = now;
      this.#rate *= GROWTH_PER_SECOND;
      if (this.#rate > FREE_RATE) this.#rate = NEVER;
    }
    this.#readyAt = now + 1000 / this.#rate;
  }

  /** A new connection: what held for the old one is forgotten. */
  reset(): void {
    this.#rate = NEVER;
    this.#readyAt = 0;
  }
}
