import { storeClosed } from "../feed.ts";
import type { KeepAlive, RoomFollower, RoomLog, RoomStore } from "../../store.ts";
import { JetStream, type Stored } from "./jetstream.ts";
import type { NatsClient } from "./nats_client.ts";
import { NatsLog } from "./nats_log.ts";
import type { LogMessage } from "./replay.ts";

/** How a {@linkcode NatsStore} behaves. */
export interface NatsStoreOptions {
  /** An open connection; it stays the application's to close. */
  client: NatsClient;
  /** Begins the names of subjects; `sterna` where it is absent. */
  prefix?: string;
  /** Names the two streams (`…_LOGS`, `…_ALIVE`); `STERNA` where it is absent. */
  stream?: string;
  /** Where streams that are made here keep their messages; `file` where it is absent. */
  storage?: "file" | "memory";
  /** How many servers of a cluster keep each message; 1 where it is absent. */
  replicas?: number;
}

/** What says that something lives: its message counts from the server's time on. */
interface Alive {
  ttlMs: number;
}

/** The end of a log is kept for those who are reading at that time, milliseconds. */
const GRAVE_MS = 60_000;
/** Signs of life that one look for dead rooms takes in. */
const SWEEP = 16;

/**
 * Rooms in NATS JetStream (server 2.9 or later): servers on any number of machines share them. A
 * room is one subject of a stream; the order of its messages is the room's order. A second stream
 * holds the last sign of life of each room and instance.
 *
 * Give the connection `maxReconnectAttempts: -1`. While NATS is away, whatever needs it fails after
 * five seconds, and clients are sent to resume.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@nats-io/transport-node";
 * import { signaling } from "@sterna/webrtc/signaling";
 * import { NatsStore } from "@sterna/webrtc/signaling/nats";
 *
 * const client = await connect({ servers: "127.0.0.1:4222", maxReconnectAttempts: -1 });
 * const routes = signaling({ store: new NatsStore({ client }) });
 * ```
 */
export class NatsStore implements RoomStore {
  readonly #client: NatsClient;
  readonly #jetStream: JetStream;
  readonly #options: Required<Omit<NatsStoreOptions, "client">>;
  readonly #logs = new Set<NatsLog>();
  /** Until when the server keeps a room, by its own clock. */
  readonly #keptUntil = new Map<string, number>();
  #ready: Promise<void> | undefined;
  /** The server's clock minus ours, milliseconds. */
  #clockOffset = 0;
  #sweepFrom = 1;
  #isWatching = false;
  #isClosed = false;

  /** Uses `options.client` from now on; nothing is sent yet. */
  constructor(options: NatsStoreOptions) {
    const { client, prefix = "sterna", stream = "STERNA", storage = "file", replicas = 1 } =
      options;
    this.#client = client;
    this.#jetStream = new JetStream(client);
    this.#options = { prefix, stream, storage, replicas };
  }

  /** See {@linkcode RoomStore.open}. */
  async open(
    room: string,
    epoch: string | undefined,
    ttlMs: number,
    follower: RoomFollower,
  ): Promise<RoomLog | undefined> {
    await this.#prepare();
    const kept = await this.#jetStream.last(this.#alive, this.#signOf(room));
    const isDead = kept !== undefined && this.#isOver(kept);
    if (isDead) await this.#bury(room, kept);
    const until = kept === undefined || isDead ? 0 : endOf(kept);
    // The sign of life comes first, so that no log is ever forgotten.
    if (epoch !== undefined || until > 0) await this.#keep(room, ttlMs, until);
    const log = new NatsLog({
      room,
      stream: this.#logStream,
      subject: this.#subjectOf(room),
      jetStream: this.#jetStream,
      follower,
      onOver: () => this.#logs.delete(log),
      onRemoved: () => this.#say(this.#signOf(room), GRAVE_MS),
    });
    this.#logs.add(log);
    try {
      const isThere = await log.load(epoch);
      if (this.#isClosed) throw storeClosed();
      if (isThere && epoch === undefined && until === 0) await this.#keep(room, ttlMs, 0);
      if (isThere) return log;
    } catch (error) {
      log.unfollow();
      throw error;
    }
    log.unfollow();
    return undefined;
  }

  /** See {@linkcode RoomStore.keepAlive}; also buries some rooms that nobody keeps. */
  async keepAlive(beat: KeepAlive): Promise<readonly string[]> {
    await this.#prepare();
    const own = this.#leaseOf(beat.instance);
    await this.#say(own, beat.ttlMs);
    this.#setClock(await this.#jetStream.last(this.#alive, own));
    const [dead] = await Promise.all([
      Promise.all(beat.others.map((instance) => this.#isGone(instance))),
      ...beat.rooms.map(({ room, ttlMs }) => this.#keepAgain(room, ttlMs)),
    ]);
    await this.#sweep();
    for (const log of this.#logs) if (log.isSilent()) log.catchUp();
    return beat.others.filter((_, i) => dead[i]);
  }

  /** Stops following. The connection stays open, and what is in NATS stays there. */
  close(): void {
    this.#isClosed = true;
    for (const log of [...this.#logs]) log.lose(storeClosed());
  }

  get #logStream(): string {
    return `${this.#options.stream}_LOGS`;
  }

  get #alive(): string {
    return `${this.#options.stream}_ALIVE`;
  }

  #subjectOf(room: string): string {
    return `${this.#options.prefix}.log.${token(room)}`;
  }

  #signOf(room: string): string {
    return `${this.#options.prefix}.alive.room.${token(room)}`;
  }

  #leaseOf(instance: string): string {
    return `${this.#options.prefix}.alive.instance.${token(instance)}`;
  }

  async #prepare(): Promise<void> {
    if (this.#isClosed) throw storeClosed();
    this.#ready ??= this.#start();
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { prefix, storage, replicas } = this.#options;
    const common = { retention: "limits", storage, num_replicas: replicas, allow_direct: false };
    const logs = { ...common, subjects: [`${prefix}.log.>`], max_age: 0 };
    const alive = { ...common, subjects: [`${prefix}.alive.>`], max_msgs_per_subject: 1 };
    await this.#jetStream.ensureStream(this.#logStream, logs);
    await this.#jetStream.ensureStream(this.#alive, alive);
    if (!this.#isWatching) void this.#watch();
    const probe = `${prefix}.alive.clock`;
    await this.#say(probe, 0);
    this.#setClock(await this.#jetStream.last(this.#alive, probe));
  }

  /** After a lost connection everything is read again. */
  async #watch(): Promise<void> {
    this.#isWatching = true;
    for await (const { type } of this.#client.status()) {
      if (this.#isClosed) return;
      if (type === "reconnect") { for (const log of this.#logs) log.catchUp(); }
    }
  }

  /** Leaves a sign of life. */
  async #say(subject: string, ttlMs: number): Promise<void> {
    const sign: Alive = { ttlMs };
    await this.#jetStream.publish(subject, JSON.stringify(sign));
  }

  #setClock(sign: Stored | undefined): void {
    if (sign !== undefined) this.#clockOffset = sign.timeMs - Date.now();
  }

  #serverNow(): number {
    return Date.now() + this.#clockOffset;
  }

  #isOver(sign: Stored): boolean {
    return endOf(sign) < this.#serverNow();
  }

  async #isGone(instance: string): Promise<boolean> {
    const sign = await this.#jetStream.last(this.#alive, this.#leaseOf(instance));
    return sign === undefined || this.#isOver(sign);
  }

  /** Keeps a room for at least `ttlMs`; `until` is how long it is kept as yet. */
  async #keep(room: string, ttlMs: number, until: number): Promise<void> {
    const end = this.#serverNow() + ttlMs;
    if (end > until) await this.#say(this.#signOf(room), ttlMs);
    this.#keptUntil.set(room, Math.max(end, until));
  }

  /** A sign of life is left again when a quarter of its time is over. */
  async #keepAgain(room: string, ttlMs: number): Promise<void> {
    let until = this.#keptUntil.get(room);
    if (until === undefined) {
      const kept = await this.#jetStream.last(this.#alive, this.#signOf(room));
      if (kept === undefined || this.#isOver(kept)) return;
      until = endOf(kept);
    }
    if (this.#serverNow() + 0.75 * ttlMs >= until) await this.#keep(room, ttlMs, until);
  }

  /** Looks at some signs of life, others each time, and ends what nobody keeps. */
  async #sweep(): Promise<void> {
    const every = `${this.#options.prefix}.alive.>`, rooms = this.#signOf("");
    for (let i = 0; i < SWEEP; i++) {
      const sign = await this.#jetStream.next(this.#alive, this.#sweepFrom, every);
      this.#sweepFrom = sign === undefined ? 1 : sign.seq + 1;
      if (sign === undefined) break;
      if (!this.#isOver(sign)) continue;
      if (!sign.subject.startsWith(rooms)) await this.#jetStream.delete(this.#alive, sign.seq);
      else await this.#bury(decodeURIComponent(sign.subject.slice(rooms.length)), sign);
    }
    const now = this.#serverNow();
    for (const [room, until] of this.#keptUntil) if (until < now) this.#keptUntil.delete(room);
  }

  /** Ends a room's log; at the second time its end goes, too. */
  async #bury(room: string, sign: Stored): Promise<void> {
    // Whoever removes the sign does the work; a newer one means that somebody lives there.
    if (!await this.#jetStream.delete(this.#alive, sign.seq)) return;
    const subject = this.#subjectOf(room);
    const last = await this.#jetStream.last(this.#logStream, subject);
    if (last === undefined) return;
    if ((last.value as LogMessage).t === "end") {
      return await this.#jetStream.purge(this.#logStream, subject, last.seq + 1);
    }
    const end: LogMessage = { t: "end" };
    const seq = await this.#jetStream.publish(subject, JSON.stringify(end));
    await this.#jetStream.purge(this.#logStream, subject, seq);
    await this.#say(this.#signOf(room), GRAVE_MS);
  }
}

/** A name as one token of a subject: dots and wildcards mean something there. */
function token(name: string): string {
  return encodeURIComponent(name).replaceAll(".", "%2E").replaceAll("*", "%2A");
}

function endOf(sign: Stored): number {
  return sign.timeMs + (sign.value as Alive).ttlMs;
}
