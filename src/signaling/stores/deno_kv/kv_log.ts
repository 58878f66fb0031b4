import { AppendQueue } from "../append_queue.ts";
import { Feed, logBroken, roomEnded } from "../feed.ts";
import type { RoomEntry, RoomSnapshot } from "../../room_entry.ts";
import type { RoomFollower, RoomLog } from "../../store.ts";
import type { KvClient, KvEntry } from "./kv_client.ts";
import type { Head, KvRoom, VersionedHead } from "./kv_room.ts";

/** What instances tell each other; what is not told is read. */
export interface Notice {
  room: string;
  epoch: string;
  /** Position of the last entry; absent when the log has ended. */
  last?: number;
  /** The entries of the append, where they are short. */
  entries?: readonly RoomEntry[];
}

/** What a log needs of its store. */
export interface KvLogOptions {
  kv: KvClient;
  room: KvRoom;
  follower: RoomFollower;
  /** Tells the other instances. */
  tell(notice: Notice): void;
  /** Called once, when the log is followed no longer. */
  onOver(log: KvLog): void;
}

/** Longer appends are read instead of told, UTF-16 code units. */
const MAX_TOLD = 16 * 1024;

/** One room as one instance follows it: what it is told, what it watches, and what it reads. */
export class KvLog implements RoomLog {
  epoch = "";
  snapshot: RoomSnapshot | undefined;
  entries: readonly RoomEntry[] = [];
  readonly #options: KvLogOptions;
  readonly #feed: Feed;
  readonly #queue: AppendQueue;
  /** The head as it was last seen: a guess that the transaction checks. */
  #head: VersionedHead | undefined;
  #watch: ReadableStreamDefaultReader<readonly KvEntry[]> | undefined;
  #isReading = false;
  #mustReadAgain = false;

  constructor(options: KvLogOptions) {
    this.#options = options;
    this.#feed = new Feed(options.follower);
    this.#queue = new AppendQueue((texts) => this.#send(texts));
  }

  /** The room's name. */
  get room(): string {
    return this.#options.room.name;
  }

  /** Reads the log of this head. Returns `false` when it changed on the way. */
  async load(head: Head): Promise<boolean> {
    const loaded = await this.#options.room.load(head);
    if (loaded === undefined || this.#feed.isOver) return false;
    this.epoch = head.epoch;
    this.snapshot = loaded.snapshot;
    this.entries = loaded.entries;
    this.#feed.start(head.base + loaded.entries.length, loaded.entries.at(-1));
    // The first thing that watching tells is how things stand: nothing falls in between.
    void this.#watchHead();
    return true;
  }

  /** Another instance did something. */
  handleNotice({ epoch, last, entries }: Notice): void {
    if (epoch !== this.epoch) return;
    if (last === undefined) return this.lose(roomEnded(this.room));
    const isTaken = entries !== undefined &&
      this.#feed.offer(last + 1 - entries.length, entries);
    if (!isTaken && last > this.#feed.position) this.catchUp();
  }

  /** Reads what was missed; to be called whenever something may have been. */
  catchUp(): void {
    if (this.epoch === "" || this.#feed.isOver) return;
    if (this.#isReading) this.#mustReadAgain = true;
    else void this.#read();
  }

  append(entries: readonly RoomEntry[]): Promise<number> {
    return this.#queue.push(entries);
  }

  async trim(snapshot: RoomSnapshot): Promise<void> {
    const { kv, room } = this.#options, { epoch } = this;
    for (;;) {
      const { head, versionstamp } = await room.head();
      if (head?.epoch !== epoch) throw roomEnded(this.room);
      if (head.base >= snapshot.position) return;
      const transaction = kv.atomic().check({ key: room.headKey, versionstamp });
      room.setSnapshot(transaction, epoch, snapshot);
      transaction.set(room.headKey, { ...head, base: snapshot.position });
      if ((await transaction.commit()).ok) break;
    }
    await room.deleteUntil(epoch, snapshot.position);
  }

  async remove(): Promise<void> {
    this.#stop(roomEnded(this.room));
    const { kv, room, tell } = this.#options, { epoch } = this;
    for (;;) {
      const { head, versionstamp } = await room.head();
      if (head?.epoch !== epoch) return;
      const transaction = kv.atomic().check({ key: room.headKey, versionstamp });
      if ((await transaction.delete(room.headKey).delete(room.keptKey).commit()).ok) break;
    }
    tell({ room: room.name, epoch });
    await room.deleteAll(epoch);
  }

  unfollow(): void {
    this.#stop(new Error("the log is not followed any more"));
  }

  /** Ends following and says so. */
  lose(reason: Error): void {
    const wasOver = this.#feed.isOver;
    this.#feed.lose(reason);
    if (!wasOver) this.#over(reason);
  }

  #stop(reason: Error): void {
    const wasOver = this.#feed.isOver;
    this.#feed.stop();
    if (!wasOver) this.#over(reason);
  }

  #over(reason: Error): void {
    this.#queue.fail(reason);
    void this.#watch?.cancel().catch(() => {});
    this.#options.onOver(this);
  }

  async #send(texts: readonly string[]): Promise<number> {
    const { kv, room, tell } = this.#options, { epoch } = this;
    for (;;) {
      const { head, versionstamp } = this.#head ?? await room.head();
      this.#head = undefined;
      if (head?.epoch !== epoch) throw roomEnded(this.room);
      const next: Head = { ...head, position: head.position + texts.length };
      const transaction = kv.atomic().check({ key: room.headKey, versionstamp });
      room.setEntries(transaction, next, texts);
      const result = await transaction.set(room.headKey, next).commit();
      // Another instance was faster: behind its entries, then.
      if (!result.ok) continue;
      const { versionstamp: version = null } = result as { versionstamp?: string };
      if (version !== null) this.#head = { head: next, versionstamp: version };
      const entries = texts.map((text) => JSON.parse(text) as RoomEntry);
      const notice: Notice = { room: room.name, epoch, last: next.position };
      const length = texts.reduce((sum, text) => sum + text.length, 0);
      tell(length > MAX_TOLD ? notice : { ...notice, entries });
      this.handleNotice({ ...notice, entries });
      return next.position;
    }
  }

  async #watchHead(): Promise<void> {
    const reader = this.#options.kv.watch([this.#options.room.headKey]).getReader();
    this.#watch = reader;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.#feed.isOver) break;
        this.#seeHead((value[0]?.value ?? undefined) as Head | undefined);
      }
    } catch {
      // The database was closed, or the connection broke: keepAlive looks, too.
    }
  }

  #seeHead(head: Head | undefined): void {
    if (head?.epoch !== this.epoch) this.lose(roomEnded(this.room));
    else if (head.position > this.#feed.position) this.catchUp();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    do {
      this.#mustReadAgain = false;
      try {
        await this.#readOnce();
      } catch {
        // It is asked for again at the next notice or keepAlive.
        break;
      }
    } while (this.#mustReadAgain && !this.#feed.isOver);
    this.#isReading = false;
  }

  async #readOnce(): Promise<void> {
    const { room } = this.#options, { head } = await room.head();
    if (this.#feed.isOver) return;
    if (head?.epoch !== this.epoch) return this.lose(roomEnded(this.room));
    const first = this.#feed.position + 1;
    if (head.position < first) return;
    this.#feed.offer(first, await room.entriesBehind(this.epoch, first - 1));
    // Trimmed beyond what this instance has: it was away for too long.
    if (this.#feed.position < head.position) this.lose(logBroken(this.room));
  }
}
