import { AppendQueue } from "../append_queue.ts";
import { Feed, logBroken, roomEnded } from "../feed.ts";
import type { RoomEntry, RoomSnapshot } from "../../room_entry.ts";
import type { RoomFollower, RoomLog } from "../../store.ts";
import { APPEND, READ, REMOVE, TRIM } from "./scripts.ts";

/** Runs a script for one room. */
export type RunScript = (script: string, ...args: string[]) => Promise<unknown>;

/** What a log needs of its store. */
export interface RedisLogOptions {
  room: string;
  channel: string;
  run: RunScript;
  follower: RoomFollower;
  /** Called once, when the log is followed no longer. */
  onOver(log: RedisLog): void;
}

/** One room as one instance follows it: what is published, and what was missed from the stream. */
export class RedisLog implements RoomLog {
  epoch = "";
  snapshot: RoomSnapshot | undefined;
  entries: readonly RoomEntry[] = [];
  readonly #options: RedisLogOptions;
  readonly #feed: Feed;
  readonly #queue: AppendQueue;
  /** What came while the log was being opened, or since it may be another one. */
  #early: string[] | undefined = [];
  #isLoaded = false;
  #isReading = false;
  #mustReadAgain = false;

  constructor(options: RedisLogOptions) {
    this.#options = options;
    this.#feed = new Feed(options.follower);
    this.#queue = new AppendQueue(async (texts) => {
      const last = await options.run(APPEND, this.epoch, options.channel, ...texts) as number;
      if (last < 0) throw this.#ended();
      return last;
    });
  }

  /** The room's name. */
  get room(): string {
    return this.#options.room;
  }

  /** Position of the last entry that the follower has. */
  get position(): number {
    return this.#feed.position;
  }

  /** Takes the answer of the script that opened the log. */
  load([epoch, base, snapshot, texts]: [string, number, string, string[]]): void {
    this.epoch = epoch;
    this.snapshot = snapshot === "" ? undefined : JSON.parse(snapshot);
    this.entries = parseAll(texts);
    this.#feed.start(base + texts.length, this.entries.at(-1));
    this.#isLoaded = true;
    this.#resume();
  }

  /** Whether nothing is taken until the stream was read. */
  get isSuspended(): boolean {
    return this.#early !== undefined;
  }

  /** The connection broke: what is published next may stand in a stream that lost its end. */
  suspend(): void {
    this.#early ??= [];
  }

  /** Something was published about the room: entries, or that an epoch ended. */
  readonly handleMessage = (message: string): void => {
    if (this.#early !== undefined) return void this.#early.push(message);
    const [epoch, first] = message.split(" ", 2);
    if (epoch !== this.epoch) return;
    if (first === undefined) return this.lose(roomEnded(this.room));
    const entries = JSON.parse(message.slice(epoch.length + first.length + 2));
    if (!this.#feed.offer(Number(first), entries)) this.catchUp();
  };

  /** Reads what was missed; to be called whenever something may have been. */
  catchUp(): void {
    if (!this.#isLoaded || this.#feed.isOver) return;
    if (this.#isReading) this.#mustReadAgain = true;
    else void this.#read();
  }

  append(entries: readonly RoomEntry[]): Promise<number> {
    return this.#queue.push(entries);
  }

  async trim(snapshot: RoomSnapshot): Promise<void> {
    const position = String(snapshot.position);
    const { run } = this.#options;
    if (await run(TRIM, this.epoch, position, JSON.stringify(snapshot)) === -1) throw this.#ended();
  }

  async remove(): Promise<void> {
    this.#stop(this.#ended());
    await this.#options.run(REMOVE, this.epoch, this.#options.channel);
  }

  unfollow(): void {
    this.#stop(new Error("the log is not followed any more"));
  }

  /** Ends following and says so. */
  lose(reason: Error): void {
    const wasOver = this.#feed.isOver;
    this.#feed.lose(reason);
    this.#queue.fail(reason);
    if (!wasOver) this.#options.onOver(this);
  }

  #stop(reason: Error): void {
    const wasOver = this.#feed.isOver;
    this.#feed.stop();
    this.#queue.fail(reason);
    if (!wasOver) this.#options.onOver(this);
  }

  #resume(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const message of early) this.handleMessage(message);
  }

  #ended(): Error {
    return roomEnded(this.room);
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    do {
      this.#mustReadAgain = false;
      try {
        await this.#readOnce();
      } catch {
        // The connection broke: reading is asked for again when it is back.
        break;
      }
    } while (this.#mustReadAgain && !this.#feed.isOver);
    this.#isReading = false;
  }

  async #readOnce(): Promise<void> {
    const asked = this.#feed.position;
    const answer = await this.#options.run(READ, this.epoch, String(Math.max(1, asked)));
    if (answer === null) return this.lose(this.#ended());
    const [first, last, texts] = answer as [number, number, string[]];
    const entries = parseAll(texts);
    // A Redis that lost its latest entries may give their positions to others: nobody may go on.
    const isForked = last < asked ||
      (asked > 0 && first === asked && this.#feed.position === asked && entries[0] !== undefined &&
        !this.#feed.isLast(entries[0]));
    if (!isForked && this.#feed.offer(first, entries)) return this.#resume();
    const reason = logBroken(this.room);
    if (isForked) await this.#options.run(REMOVE, this.epoch, this.#options.channel);
    this.lose(reason);
  }
}

function parseAll(texts: readonly string[]): RoomEntry[] {
  return texts.map((text) => JSON.parse(text) as RoomEntry);
}
