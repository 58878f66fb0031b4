import { storeClosed } from "../feed.ts";
import type { KeepAlive, RoomFollower, RoomLog, RoomStore } from "../../store.ts";
import type { KvClient, KvEntry, KvKey } from "./kv_client.ts";
import { KvLog, type Notice } from "./kv_log.ts";
import { type Head, KvRoom } from "./kv_room.ts";

/** How a {@linkcode DenoKvStore} behaves. */
export interface DenoKvStoreOptions {
  /** `await Deno.openKv()`; it stays the application's to close. */
  kv: KvClient;
  /** Begins every key, and names the channel; `sterna` where it is absent. */
  prefix?: string;
}

/** Rooms that one look for dead ones takes in. */
const SWEEP = 16;

/**
 * Rooms in Deno KV: instances in all places of Deno Deploy, or all isolates of one process, share
 * them. Appends are transactions on the head of a room's log. Instances tell each other by
 * BroadcastChannel where there is one, and watch the head in any case. Leases rest on the clocks
 * of the instances, which have to agree within a second or two.
 *
 * Separate processes on one local database file see each other's entries only at the next
 * `keepAlive`, for neither channels nor watching reach across; use Redis or NATS there.
 *
 * @example
 * ```ts ignore
 * import { signaling } from "@sterna/webrtc/signaling";
 * import { DenoKvStore } from "@sterna/webrtc/signaling/deno-kv";
 *
 * const store = new DenoKvStore({ kv: await Deno.openKv() });
 * Deno.serve(signaling({ store }).fetch);
 * ```
 */
export class DenoKvStore implements RoomStore {
  readonly #kv: KvClient;
  readonly #prefix: KvKey;
  readonly #logs = new Set<KvLog>();
  readonly #channel: BroadcastChannel | undefined;
  #sweepFrom = "";
  #isClosed = false;

  /** Listens to the channel from now on. */
  constructor(options: DenoKvStoreOptions) {
    const prefix = options.prefix ?? "sterna";
    this.#kv = options.kv;
    this.#prefix = [prefix];
    if (typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(`${prefix}.rooms`);
    this.#channel.onmessage = ({ data }) => this.#hear(data as Notice);
  }

  /** See {@linkcode RoomStore.open}. */
  async open(
    name: string,
    epoch: string | undefined,
    ttlMs: number,
    follower: RoomFollower,
  ): Promise<RoomLog | undefined> {
    const room = new KvRoom(this.#kv, this.#prefix, name);
    const log = new KvLog({
      kv: this.#kv,
      room,
      follower,
      tell: (notice) => this.#channel?.postMessage(notice),
      onOver: () => this.#logs.delete(log),
    });
    for (;;) {
      if (this.#isClosed) throw storeClosed();
      const head = await this.#openHead(room, epoch, ttlMs);
      if (head === undefined) return undefined;
      if (!await log.load(head)) continue;
      if (this.#isClosed) {
        log.unfollow();
        throw storeClosed();
      }
      this.#logs.add(log);
      return log;
    }
  }

  /** See {@linkcode RoomStore.keepAlive}; also forgets some rooms that nobody keeps. */
  async keepAlive(beat: KeepAlive): Promise<readonly string[]> {
    const now = Date.now(), { instance, ttlMs } = beat;
    await this.#kv.atomic().set(this.#leaseKey(instance), now + ttlMs, { expireIn: ttlMs })
      .commit();
    const leases = await Promise.all(beat.others.map((each) => this.#kv.get(this.#leaseKey(each))));
    await Promise.all(beat.rooms.map(({ room, ttlMs }) => {
      return this.#keep(new KvRoom(this.#kv, this.#prefix, room), ttlMs);
    }));
    for (const log of this.#logs) log.catchUp();
    await this.#sweep();
    return beat.others.filter((_, i) => isOver(leases[i]!));
  }

  /** Stops following. The database stays open, and what is in it stays there. */
  close(): void {
    this.#isClosed = true;
    for (const log of [...this.#logs]) log.lose(storeClosed());
    this.#channel?.close();
  }

  #leaseKey(instance: string): KvKey {
    return [...this.#prefix, "instance", instance];
  }

  #hear(notice: Notice): void {
    for (const log of this.#logs) if (log.room === notice.room) log.handleNotice(notice);
  }

  /** The head of the log that lives, or of a new one; `undefined` when none is to be made. */
  async #openHead(
    room: KvRoom,
    epoch: string | undefined,
    ttlMs: number,
  ): Promise<Head | undefined> {
    for (;;) {
      const kept = await this.#kv.get(room.keptKey);
      const { head, versionstamp } = await room.head();
      if (head !== undefined && isOver(kept)) {
        await this.#bury(room, kept);
        continue;
      }
      if (head !== undefined) {
        await this.#keep(room, ttlMs);
        return head;
      }
      if (epoch === undefined) return undefined;
      const fresh: Head = { epoch, position: 0, base: 0 };
      const result = await this.#kv.atomic()
        .check({ key: room.headKey, versionstamp })
        .set(room.headKey, fresh)
        .set(room.keptKey, Date.now() + ttlMs)
        .commit();
      if (result.ok) return fresh;
    }
  }

  /** Keeps a room for at least `ttlMs`, in steps of a quarter; nothing that is gone already. */
  async #keep(room: KvRoom, ttlMs: number): Promise<void> {
    const kept = await this.#kv.get(room.keptKey), until = Date.now() + ttlMs;
    if (isOver(kept) || until - ttlMs / 4 <= (kept.value as number)) return;
    // When the check fails, somebody else kept it, or removed it.
    const { versionstamp } = kept;
    await this.#kv.atomic().check({ key: room.keptKey, versionstamp }).set(room.keptKey, until)
      .commit();
  }

  /** Forgets a room, unless somebody kept it meanwhile. */
  async #bury(room: KvRoom, kept: KvEntry): Promise<void> {
    const { head, versionstamp } = await room.head();
    const result = await this.#kv.atomic()
      .check({ key: room.keptKey, versionstamp: kept.versionstamp })
      .check({ key: room.headKey, versionstamp })
      .delete(room.keptKey)
      .delete(room.headKey)
      .commit();
    if (!result.ok || head === undefined) return;
    this.#channel?.postMessage({ room: room.name, epoch: head.epoch } satisfies Notice);
    await room.deleteAll(head.epoch);
  }

  async #sweep(): Promise<void> {
    const start: KvKey = [...this.#prefix, "kept", this.#sweepFrom];
    // Names of rooms are ASCII: this one comes behind all of them.
    const end: KvKey = [...this.#prefix, "kept", "\uffff"];
    let count = 0;
    for await (const kept of this.#kv.list({ start, end }, { limit: SWEEP })) {
      count++;
      const name = String(kept.key.at(-1));
      this.#sweepFrom = `${name}\u0000`;
      if (isOver(kept)) await this.#bury(new KvRoom(this.#kv, this.#prefix, name), kept);
    }
    if (count < SWEEP) this.#sweepFrom = "";
  }
}

/** Whether the time that a key holds has passed, or there is none. */
function isOver({ value }: KvEntry): boolean {
  return value === null || (value as number) < Date.now();
}
