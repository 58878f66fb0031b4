import type { TimerHandle } from "./host.ts";
import { isMdnsName, parseMdnsResponse, writeMdnsQuery } from "./mdns_message.ts";
import { MDNS_PORT, type MdnsSocket } from "./mdns_socket.ts";

/** RFC 6762 §5.2: a second query after one second, the next after at least twice as long. */
const REPEATS_MS = [1000, 3000] as const;
/** When we give up, milliseconds after the first query: the last one has had its second. */
const TIMEOUT_MS = 4000;
/** So many names are asked for at a time; an offer names a handful. */
const MAX_PENDING = 64;

interface Query {
  readonly promise: Promise<string | undefined>;
  readonly finish: (ip: string | undefined) => void;
  /** How many wait for the answer; without any the query ends. */
  followers: number;
}

/** Takes a message from the group, with the port it came from. */
export type MdnsReceive = (bytes: Uint8Array, port: number) => void;

/** What a resolver runs on. */
export interface MdnsEnvironment {
  /** Opens a socket on every interface that can be had. */
  openSockets(receive: MdnsReceive): Promise<readonly MdnsSocket[]>;
  /** Calls `callback` after `delayMs`. */
  setTimer(callback: () => void, delayMs: number): TimerHandle;
  /** Stops a timer. */
  clearTimer(handle: TimerHandle): void;
}

/**
 * Resolves the names that browsers put in place of their addresses (RFC 6762; ICE candidates with
 * `.local` names). Sockets are open only while a query is pending.
 */
export class MdnsResolver {
  readonly #environment: MdnsEnvironment;
  readonly #queries = new Map<string, Query>();
  #sockets: Promise<readonly MdnsSocket[]> | undefined;

  constructor(environment: MdnsEnvironment) {
    this.#environment = environment;
  }

  /**
   * The address of `name`, or `undefined` when nobody answers. Never rejects.
   *
   * @param signal aborted when the answer is of no interest any more
   */
  resolve(name: string, signal?: AbortSignal): Promise<string | undefined> {
    const key = name.toLowerCase().replace(/\.$/, "");
    const running = this.#queries.get(key);
    if (signal?.aborted) return Promise.resolve(undefined);
    if (running !== undefined) return follow(running, signal);
    if (!isMdnsName(key) || this.#queries.size >= MAX_PENDING) return Promise.resolve(undefined);
    return follow(this.#start(key), signal);
  }

  #start(name: string): Query {
    const { promise, resolve } = deferred<string | undefined>();
    const timers: TimerHandle[] = [];
    const finish = (ip: string | undefined): void => {
      if (this.#queries.get(name) !== query) return;
      for (const timer of timers) this.#environment.clearTimer(timer);
      this.#queries.delete(name);
      if (this.#queries.size === 0) this.#closeSockets();
      resolve(ip);
    };
    const query: Query = { promise, finish, followers: 0 };
    this.#queries.set(name, query);
    void this.#ask(name);
    const later = (action: () => void, atMs: number): void => {
      timers.push(this.#environment.setTimer(action, atMs));
    };
    for (const atMs of REPEATS_MS) later(() => void this.#ask(name), atMs);
    later(() => finish(undefined), TIMEOUT_MS);
    return query;
  }

  async #ask(name: string): Promise<void> {
    const sockets = await (this.#sockets ??= this.#environment.openSockets(this.#onMessage));
    const query = this.#queries.get(name);
    if (sockets.length === 0) query?.finish(undefined);
    if (query === undefined) return;
    for (const type of ["A", "AAAA"] as const) {
      const message = writeMdnsQuery(name, type);
      for (const socket of sockets) socket.send(message);
    }
  }

  #closeSockets(): void {
    const sockets = this.#sockets;
    this.#sockets = undefined;
    void sockets?.then((open) => open.forEach((socket) => socket.close()));
  }

  readonly #onMessage = (bytes: Uint8Array, port: number): void => {
    // RFC 6762 §6: responses from any other port must be ignored.
    if (port !== MDNS_PORT) return;
    for (const { name, ip } of parseMdnsResponse(bytes)) this.#queries.get(name)?.finish(ip);
  };
}

/** The answer to a query, until `signal` says that it does not matter any more. */
function follow(query: Query, signal: AbortSignal | undefined): Promise<string | undefined> {
  query.followers++;
  if (signal === undefined) return query.promise;
  return new Promise((resolve) => {
    const abort = (): void => {
      resolve(undefined);
      if (--query.followers === 0) query.finish(undefined);
    };
    signal.addEventListener("abort", abort, { once: true });
    void query.promise.then((ip) => {
      signal.removeEventListener("abort", abort);
      resolve(ip);
    });
  });
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => resolve = settle);
  return { promise, resolve };
}
