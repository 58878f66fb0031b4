import { storeClosed } from "../feed.ts";
import type { KeepAlive, RoomFollower, RoomLog, RoomStore } from "../../store.ts";
import type { RedisClient, RedisSubscriber } from "./redis_client.ts";
import { RedisLog } from "./redis_log.ts";
import { KEEP_ALIVE, OPEN } from "./scripts.ts";

/** How a {@linkcode RedisStore} behaves. */
export interface RedisStoreOptions {
  /** A connected client; it stays the application's to close. */
  client: RedisClient;
  /** Begins the names of keys and channels; `sterna:` where it is absent. */
  prefix?: string;
}

/**
 * Rooms in Redis (6.2 or later, or Valkey): servers on any number of machines share them. A room is
 * a stream and a hash that expire when nobody keeps them; entries reach the other instances by
 * publish and subscribe, and what was missed is read from the stream. It takes one connection more
 * for listening. Clients of Redis Cluster are not supported, those of Sentinel are.
 *
 * While Redis is away, whatever needs it waits or fails; clients that fail are sent to resume. What
 * a Redis without persistence forgets is gone: its rooms begin anew.
 *
 * @example
 * ```ts ignore
 * import { createClient } from "redis";
 * import { signaling } from "@sterna/webrtc/signaling";
 * import { RedisStore } from "@sterna/webrtc/signaling/redis";
 *
 * const client = await createClient({ url: "redis://127.0.0.1:6379" }).connect();
 * client.on("error", () => {}); // the client reconnects by itself
 * const routes = signaling({ store: new RedisStore({ client }) });
 * ```
 */
export class RedisStore implements RoomStore {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #logs = new Set<RedisLog>();
  readonly #digests = new Map<string, Promise<string>>();
  #subscriber: Promise<RedisSubscriber> | undefined;
  #isClosed = false;

  /** Uses `options.client` from now on; nothing is sent yet. */
  constructor(options: RedisStoreOptions) {
    this.#client = options.client;
    this.#prefix = options.prefix ?? "sterna:";
  }

  /** See {@linkcode RoomStore.open}. */
  async open(
    room: string,
    epoch: string | undefined,
    ttlMs: number,
    follower: RoomFollower,
  ): Promise<RoomLog | undefined> {
    const subscriber = await this.#listen();
    const channel = `${this.#prefix}room:${room}`;
    const run = (script: string, ...args: string[]): Promise<unknown> =>
      this.#run(script, room, args);
    const onOver = (): void => {
      this.#logs.delete(log);
      subscriber.unsubscribe(channel, log.handleMessage).catch(() => {});
    };
    const log = new RedisLog({ room, channel, run, follower, onOver });
    this.#logs.add(log);
    try {
      // Listening begins before reading, so nothing falls in between.
      await subscriber.subscribe(channel, log.handleMessage);
      const answer = await run(OPEN, epoch ?? "", String(Math.ceil(ttlMs)));
      if (this.#isClosed) throw storeClosed();
      if (answer !== null) {
        log.load(answer as [string, number, string, string[]]);
        return log;
      }
    } catch (error) {
      log.unfollow();
      throw error;
    }
    log.unfollow();
    return undefined;
  }

  /** See {@linkcode RoomStore.keepAlive}; also looks whether something was missed. */
  async keepAlive(beat: KeepAlive): Promise<readonly string[]> {
    const send = (...args: string[]): Promise<unknown> => this.#client.sendCommand(args);
    const lease = (instance: string): string => `${this.#prefix}instance:${instance}`;
    const ttl = String(Math.ceil(beat.ttlMs));
    const [, ...alive] = await Promise.all([
      send("SET", lease(beat.instance), "1", "PX", ttl),
      ...beat.others.map((instance) => send("EXISTS", lease(instance))),
      ...beat.rooms.map(({ room, ttlMs }) => this.#keepRoom(room, ttlMs)),
    ]);
    return beat.others.filter((_, i) => alive[i] === 0);
  }

  /** Stops listening. The client stays open, and what is in Redis stays there. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const log of [...this.#logs]) log.lose(storeClosed());
    const subscriber = await this.#subscriber?.catch(() => undefined);
    this.#subscriber = undefined;
    subscriber?.destroy();
  }

  async #keepRoom(room: string, ttlMs: number): Promise<void> {
    const answer = await this.#run(KEEP_ALIVE, room, [String(Math.ceil(ttlMs))]);
    const [epoch, position] = (answer ?? []) as [string?, number?];
    for (const log of this.#logs) {
      if (log.room !== room) continue;
      const isBehind = log.epoch !== epoch || log.position !== position;
      if (isBehind || log.isSuspended) log.catchUp();
    }
  }

  async #listen(): Promise<RedisSubscriber> {
    if (this.#isClosed) throw storeClosed();
    this.#subscriber ??= this.#connect();
    try {
      return await this.#subscriber;
    } catch (error) {
      this.#subscriber = undefined;
      throw error;
    }
  }

  async #connect(): Promise<RedisSubscriber> {
    const subscriber = this.#client.duplicate();
    // Clients reconnect by themselves.
    subscriber.on("error", () => {
      for (const log of this.#logs) log.suspend();
    });
    subscriber.on("ready", () => {
      for (const log of this.#logs) log.catchUp();
    });
    await subscriber.connect();
    return subscriber;
  }

  async #run(script: string, room: string, args: readonly string[]): Promise<unknown> {
    const key = `${this.#prefix}{${room}}:`;
    const rest = ["2", `${key}room`, `${key}log`, ...args];
    let digest = this.#digests.get(script);
    if (digest === undefined) {
      digest = this.#client.sendCommand(["SCRIPT", "LOAD", script]) as Promise<string>;
      this.#digests.set(script, digest);
      digest.catch(() => this.#digests.delete(script));
    }
    try {
      return await this.#client.sendCommand(["EVALSHA", await digest, ...rest]);
    } catch (error) {
      // Redis forgot its scripts, and has not run this one.
      if (!String((error as Error).message).startsWith("NOSCRIPT")) throw error;
      return await this.#client.sendCommand(["EVAL", script, ...rest]);
    }
  }
}
