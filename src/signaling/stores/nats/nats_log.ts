import { AppendQueue } from "../append_queue.ts";
import { Feed, logBroken, roomEnded } from "../feed.ts";
import type { RoomEntry, RoomSnapshot } from "../../room_entry.ts";
import type { RoomFollower, RoomLog } from "../../store.ts";
import { type Consumer, HEARTBEAT_MS, type JetStream, randomToken } from "./jetstream.ts";
import { type LogMessage, Replay } from "./replay.ts";

/** What a log needs of its store. */
export interface NatsLogOptions {
  room: string;
  stream: string;
  subject: string;
  jetStream: JetStream;
  follower: RoomFollower;
  /** Called once, when the log is followed no longer. */
  onOver(log: NatsLog): void;
  /** Called after the log was removed. */
  onRemoved(): Promise<void>;
}

/** A reading of the subject, kept up to date by a consumer. */
interface Reading {
  readonly replay: Replay;
  readonly waiters: { seq: number; resolve(): void; reject(reason: Error): void }[];
  consumer: Consumer | undefined;
  heardAt: number;
  isOver: boolean;
}

/** A reading that stands still for so long is given up, milliseconds. */
const PATIENCE_MS = 10_000;

/** One room as one instance follows it: a consumer of its subject. */
export class NatsLog implements RoomLog {
  epoch = "";
  snapshot: RoomSnapshot | undefined;
  entries: readonly RoomEntry[] = [];
  readonly #options: NatsLogOptions;
  readonly #feed: Feed;
  readonly #queue: AppendQueue;
  readonly #writer = randomToken();
  #reading: Reading | undefined;
  /** Number of the message that opened the log. */
  #from = 0;
  #batch = 0;
  /** Learns the position of the batch that is on its way. */
  #onBatch: (result: number | Error) => void = () => {};
  #isReading = false;
  #mustReadAgain = false;

  constructor(options: NatsLogOptions) {
    this.#options = options;
    this.#feed = new Feed(options.follower);
    this.#queue = new AppendQueue((texts) => this.#send(texts));
  }

  /** The room's name. */
  get room(): string {
    return this.#options.room;
  }

  /** Whether the consumer has been silent for too long. */
  isSilent(): boolean {
    const { heardAt = 0 } = this.#reading ?? {};
    return performance.now() - heardAt > 3 * HEARTBEAT_MS;
  }

  /** Reads the subject; makes a log of this epoch if there is none. Returns whether there is one. */
  async load(epoch: string | undefined): Promise<boolean> {
    const reading = await this.#read();
    if (reading.replay.isTorn) {
      // What was there broke off in the middle; nobody can follow it.
      await this.#until(reading, await this.#publish({ t: "end" }));
    }
    if (reading.replay.epoch === undefined && epoch !== undefined) {
      await this.#until(reading, await this.#publish({ t: "open", epoch }));
    }
    if (this.#feed.isOver || reading.replay.epoch === undefined) return false;
    const { replay } = reading;
    this.epoch = reading.replay.epoch;
    this.#from = replay.from;
    this.snapshot = replay.snapshot;
    this.entries = replay.entries;
    this.#feed.start(replay.position, this.entries.at(-1));
    replay.release();
    return true;
  }

  /** Reads the subject again; to be called whenever something may have been missed. */
  catchUp(): void {
    if (this.epoch === "" || this.#feed.isOver) return;
    if (this.#isReading) this.#mustReadAgain = true;
    else void this.#readAgain();
  }

  append(entries: readonly RoomEntry[]): Promise<number> {
    return this.#queue.push(entries);
  }

  async trim(snapshot: RoomSnapshot): Promise<void> {
    if (this.#feed.isOver) throw roomEnded(this.room);
    const { replay } = this.#reading ?? {}, cut = replay?.cutAt(snapshot.position);
    if (replay === undefined || cut === undefined) return;
    const before = replay.cut;
    const { epoch } = this, { jetStream, stream, subject } = this.#options;
    await this.#publish({ t: "snapshot", epoch, ...cut, snapshot });
    // One portion more than needed stays, for those who read a little later.
    if (before > 0) await jetStream.purge(stream, subject, before);
  }

  async remove(): Promise<void> {
    const { jetStream, stream, subject, onRemoved } = this.#options;
    this.#stop(roomEnded(this.room));
    const seq = await this.#publish({ t: "end", from: this.#from });
    // The end stays for those who are reading right now.
    await jetStream.purge(stream, subject, seq);
    await onRemoved();
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
    this.#onBatch(reason);
    if (this.#reading !== undefined) this.#end(this.#reading, reason);
    this.#options.onOver(this);
  }

  #publish(message: LogMessage): Promise<number> {
    return this.#options.jetStream.publish(this.#options.subject, JSON.stringify(message));
  }

  /** Resolves when the entries came back: only then is their position known. */
  #send(texts: readonly string[]): Promise<number> {
    const { subject, jetStream } = this.#options, batch = ++this.#batch;
    const head = JSON.stringify({ t: "entries", from: this.#from, writer: this.#writer, batch });
    const payload = `${head.slice(0, -1)},"entries":[${texts.join(",")}]}`;
    return new Promise((resolve, reject) => {
      this.#onBatch = (result) => typeof result === "number" ? resolve(result) : reject(result);
      // When it was read and its position is not known, it was purged before it could be.
      const gone = (): void => reject(logBroken(this.room));
      jetStream.publish(subject, payload).then((seq) => this.#untilRead(seq)).then(gone, reject);
    });
  }

  /** Resolves when a message was read, by whatever reading. */
  async #untilRead(seq: number): Promise<void> {
    for (let reading = this.#reading; reading !== undefined && !this.#feed.isOver;) {
      try {
        return await this.#until(reading, seq);
      } catch (error) {
        // Another reading may have begun meanwhile.
        if (this.#reading === reading) throw error;
        reading = this.#reading;
      }
    }
  }

  /** Starts a reading and brings it up to date. */
  async #read(): Promise<Reading> {
    const { jetStream, stream, subject } = this.#options;
    const reading: Reading = {
      replay: new Replay(),
      waiters: [],
      consumer: undefined,
      heardAt: performance.now(),
      isOver: false,
    };
    if (this.#reading !== undefined) this.#end(this.#reading, logBroken(this.room));
    this.#reading = reading;
    try {
      const consumer = await jetStream.consume(stream, subject, {
        message: (seq, value) => this.#take(reading, seq, value as LogMessage),
        heard: () => reading.heardAt = performance.now(),
        gap: () => this.catchUp(),
      });
      if (reading.isOver) consumer.stop();
      reading.consumer = consumer;
      const last = async (): Promise<number> => (await jetStream.last(stream, subject))?.seq ?? 0;
      await this.#until(reading, await last());
      // What was purged on the way was purged for a snapshot that is there by now.
      await this.#until(reading, await last());
      return reading;
    } catch (error) {
      this.#end(reading, error as Error);
      throw error;
    }
  }

  #take(reading: Reading, seq: number, message: LogMessage): void {
    if (reading.isOver) return;
    const outcome = reading.replay.take(seq, message);
    const isMine = message.t === "entries" && message.writer === this.#writer &&
      message.batch === this.#batch;
    // Before it is released nobody follows yet: all of it is handed on in one piece.
    if (this.epoch !== "" && !this.#isReading) {
      if (outcome.type === "ended") return this.lose(roomEnded(this.room));
      if (outcome.type === "torn") return this.lose(logBroken(this.room));
      if (outcome.type === "entries") this.#feed.offer(outcome.first, outcome.entries);
    }
    if (isMine) {
      this.#onBatch(outcome.type === "entries" ? reading.replay.position : roomEnded(this.room));
    }
    for (const waiter of reading.waiters) if (waiter.seq <= seq) waiter.resolve();
  }

  #until(reading: Reading, seq: number): Promise<void> {
    if (reading.isOver) return Promise.reject(logBroken(this.room));
    if (reading.replay.seq >= seq) return Promise.resolve();
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(logBroken(this.room)), PATIENCE_MS);
      const settle = (then: (reason: Error) => void) => (reason?: Error): void => {
        clearTimeout(timer);
        then(reason!);
      };
      reading.waiters.push({ seq, resolve: settle(() => resolve()), reject: settle(reject) });
    });
  }

  #end(reading: Reading, reason: Error): void {
    if (reading.isOver) return;
    reading.isOver = true;
    reading.consumer?.stop();
    for (const waiter of reading.waiters.splice(0)) waiter.reject(reason);
  }

  async #readAgain(): Promise<void> {
    this.#isReading = true;
    do {
      this.#mustReadAgain = false;
      try {
        this.#resume((await this.#read()).replay);
      } catch {
        // The connection broke: it is asked for again when it is back, or at the next keepAlive.
        if (this.#reading !== undefined) this.#reading.heardAt = -Infinity;
        break;
      }
    } while (this.#mustReadAgain && !this.#feed.isOver);
    this.#isReading = false;
  }

  #resume(replay: Replay): void {
    if (this.#feed.isOver) return;
    if (replay.from !== this.#from) return this.lose(roomEnded(this.room));
    const { position, entries } = replay;
    const first = position + 1 - entries.length;
    if (position < this.#feed.position) {
      // The latest entries are gone and others will take their places: nobody may go on.
      this.#publish({ t: "end", from: this.#from }).catch(() => {});
      return this.lose(logBroken(this.room));
    }
    if (entries.length > 0 && !this.#feed.offer(first, entries)) {
      return this.lose(logBroken(this.room));
    }
    if (entries.length === 0 && position > this.#feed.position) {
      return this.lose(logBroken(this.room));
    }
    replay.release();
  }
}
