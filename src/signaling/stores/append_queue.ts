import type { RoomEntry } from "../room_entry.ts";
import { SignalingError } from "../errors.ts";

/** Sends entries, as JSON texts, and resolves to the position of the last one. */
export type SendEntries = (texts: readonly string[]) => Promise<number>;

interface Waiting {
  readonly texts: readonly string[];
  resolve(position: number): void;
  reject(reason: Error): void;
}

/** A batch grows up to this length; one append may be longer, UTF-16 code units. */
const MAX_BATCH_LENGTH = 128 * 1024;
/** A batch takes so many appends: what no store finds too many for one transaction. */
const MAX_BATCH_APPENDS = 256;
/** A store that does not answer is given up when so much waits for it, UTF-16 code units. */
const MAX_WAITING_LENGTH = 8 * 1024 * 1024;

/**
 * Keeps the order of appends over a network: one batch is on its way, what comes meanwhile waits and
 * makes the next one. After a failure nothing is sent any more, for it would leave a gap.
 */
export class AppendQueue {
  readonly #send: SendEntries;
  #waiting: Waiting[] = [];
  #inFlight: readonly Waiting[] = [];
  #length = 0;
  #fault: Error | undefined;

  /** @param send appends to the store, atomically */
  constructor(send: SendEntries) {
    this.#send = send;
  }

  /** Appends. Resolves to the position of the last of `entries`. */
  push(entries: readonly RoomEntry[]): Promise<number> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const texts = entries.map((entry) => JSON.stringify(entry));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ texts, resolve, reject });
      this.#length += lengthOf(texts);
      if (this.#length > MAX_WAITING_LENGTH) {
        this.fail(new SignalingError("try-again", "the store of rooms does not answer"));
      } else if (this.#inFlight.length === 0) this.#next();
    });
  }

  /** Rejects everything that is on its way or waits, and whatever comes. */
  fail(reason: Error): void {
    if (this.#fault !== undefined) return;
    this.#fault = reason;
    for (const each of [...this.#inFlight, ...this.#waiting]) each.reject(reason);
    this.#inFlight = [];
    this.#waiting = [];
    this.#length = 0;
  }

  #next(): void {
    const batch = this.#inFlight = this.#takeBatch();
    if (batch.length === 0) return;
    const texts = batch.flatMap((each) => each.texts);
    this.#send(texts).then((last) => {
      if (this.#fault !== undefined) return;
      let position = last - texts.length;
      for (const each of batch) each.resolve(position += each.texts.length);
      this.#next();
    }, (reason: Error) => this.fail(reason));
  }

  #takeBatch(): Waiting[] {
    let count = 0, length = 0;
    for (const { texts } of this.#waiting) {
      const more = lengthOf(texts);
      if (count > 0 && (length + more > MAX_BATCH_LENGTH || count >= MAX_BATCH_APPENDS)) break;
      count++;
      length += more;
    }
    this.#length -= length;
    return this.#waiting.splice(0, count);
  }
}

function lengthOf(texts: readonly string[]): number {
  let length = 0;
  for (const text of texts) length += text.length;
  return length;
}
