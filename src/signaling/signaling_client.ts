import type { ClientAction } from "./client_actions.ts";
import type { SignalingEvents, SignalingStatus, Transport } from "./client_events.ts";
import {
  type Fetch,
  type Link,
  type LinkEvents,
  openWebSocket,
  type WebSocketClass,
} from "./client_link.ts";
import { ClientMachine } from "./client_machine.ts";
import type { Unnumbered } from "./client_outbox.ts";
import { checkAttributes, checkId, checkMetadata, checkRoom } from "./client_rules.ts";
import { openStream } from "./client_stream.ts";
import { SignalingError } from "./errors.ts";
import type { Attributes, PeerInfo, PeerMetadata } from "./messages.ts";
import type { NegotiationSignal } from "./negotiator.ts";

/** Bytes that may wait for the room's confirmation, where the options name no other limit. */
const QUEUED_BYTES = 4 * 1024 * 1024;

/** Tells the token to join with: a JWT. */
export type TokenProvider = () => string | Promise<string>;

/** What a {@linkcode SignalingClient} needs. */
export interface SignalingClientOptions extends Partial<PeerMetadata> {
  /**
   * Address of the routes, such as `https://app.example/rtc`; that of their WebSocket
   * (`wss://app.example/rtc/ws`) is taken as well.
   */
  url: string | URL;
  /** The room to be in. */
  room: string;
  /** The token, where rooms need one; a function is asked at first and when the token has expired. */
  token?: string | TokenProvider;
  /** Ends the membership, as {@linkcode SignalingClient.close} does. */
  signal?: AbortSignal;
  /** What may be used, the best first: both, WebSocket first, where it is absent. */
  transports?: readonly Transport[];
  /** Bytes of messages that may wait for the room's confirmation; 4 MiB where it is absent. */
  queuedBytes?: number;
  /** The WebSocket class, where it is not the global one. Without any the stream is used. */
  WebSocket?: WebSocketClass;
  /** `fetch`, where it is not the global one. */
  fetch?: Fetch;
}

/** Is told of events of one type. */
export type Listener<Detail> = (detail: Detail) => void;

/**
 * A membership in one room. It connects at once and comes back after every loss, in the same session:
 * messages of both directions arrive once and in order. It ends with {@linkcode SignalingClient.close},
 * or with a refusal that would only repeat itself.
 *
 * @throws {TypeError} the room's name, a transport or the metadata is out of its bounds
 *
 * @example
 * ```ts
 * import { SignalingClient } from "@sterna/webrtc/signaling/client";
 *
 * const client = new SignalingClient({ url: "http://127.0.0.1:8080/rtc", room: "demo" });
 * client.on("joined", ({ self, peers }) => console.log(`I am ${self}, with ${peers.length} others`));
 * client.on("message", ({ from, data }) => console.log(from, data));
 * client.send("all", { text: "hello" }); // waits until the client is in the room
 * await client.close();
 * ```
 */
export class SignalingClient {
  readonly #options: SignalingClientOptions;
  readonly #base: string;
  readonly #machine: ClientMachine;
  readonly #links = new Map<number, Link>();
  readonly #leftovers = new Set<Promise<void>>();
  readonly #listeners = new Map<keyof SignalingEvents, Set<Listener<never>>>();
  readonly #unlisten: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAtWork = false;

  /** Starts connecting. */
  constructor(options: SignalingClientOptions) {
    const { room, name = "", kind = "", attributes, token, signal } = options;
    const metadata: PeerMetadata = { name, kind, ...(attributes && { attributes }) };
    checkRoom(room);
    checkMetadata(metadata);
    this.#options = options;
    this.#base = baseOf(options.url);
    this.#machine = new ClientMachine({
      room,
      metadata,
      random: Math.random,
      transports: usable(options),
      token: typeof token === "string" ? token : undefined,
      hasTokenProvider: typeof token === "function",
    });
    this.#unlisten = onNetworkChange(() => this.networkChanged());
    signal?.addEventListener("abort", () => void this.close(), { once: true });
    if (signal?.aborted) void this.close();
    this.#machine.start(now());
    this.#step();
  }

  /** The id of this client, once it has been in the room. */
  get self(): string | undefined {
    return this.#machine.session.self;
  }

  /** The others, by id. */
  get peers(): ReadonlyMap<string, PeerInfo> {
    return this.#machine.session.peers;
  }

  /** Where it stands. */
  get status(): SignalingStatus {
    return this.#machine.status(now());
  }

  /** Calls `listener` at each event of a type, until the returned function is called. */
  on<Type extends keyof SignalingEvents>(
    type: Type,
    listener: Listener<SignalingEvents[Type]>,
  ): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener as Listener<never>));
    return () => void listeners.delete(listener as Listener<never>);
  }

  /**
   * Sends data to one member, or to `all` others. It waits for a connection where there is none, and
   * arrives once. Returns its number in this session.
   *
   * @param data any JSON value
   * @throws {TypeError} `to` is no id, or `data` no JSON
   * @throws {SignalingError} `too-large`, or `queue-full`: more than `queuedBytes` wait
   */
  send(to: string, data: unknown): number {
    if (to !== "all") checkId(to);
    if (JSON.stringify(data) === undefined) throw new TypeError("data is no JSON");
    return this.#say(to === "all" ? { type: "data", data } : { type: "data", to, data });
  }

  /** Sends a description or candidate to a member; `Negotiator` makes them. */
  signal(to: string, signal: NegotiationSignal): number {
    checkId(to);
    return this.#say(
      signal.type === "description"
        ? { type: "description", to, description: signal.description }
        : { type: "candidate", to, candidate: signal.candidate },
    );
  }

  /**
   * Changes what the others see.
   *
   * @throws {TypeError} a field is out of its bounds
   */
  update(metadata: Partial<PeerMetadata>): void {
    const next = { ...this.#machine.session.metadata, ...metadata };
    checkMetadata(next);
    this.#machine.update(now(), next);
    this.#step();
  }

  /** Sends a member out of the room; for moderators. Returns the number of the request. */
  remove(id: string): number {
    checkId(id);
    return this.#say({ type: "remove", id });
  }

  /** Changes what the application says about the room; for moderators. */
  setRoom(metadata: Attributes): number {
    checkAttributes(metadata);
    return this.#say({ type: "room", metadata });
  }

  /** The network may be another one: connects anew at once. Browsers' news of it are listened to. */
  networkChanged(): void {
    this.#machine.renew(now(), true);
    this.#step();
  }

  /** Leaves and enters again, with a new session. */
  rejoin(): void {
    this.#machine.rejoin(now());
    this.#step();
  }

  /** Leaves for good. Resolves when the last socket is closed. */
  async close(): Promise<void> {
    this.#unlisten();
    this.#machine.close(now());
    this.#step();
    await Promise.all(this.#leftovers);
  }

  #say(message: Unnumbered): number {
    const machine = this.#machine, body = JSON.stringify(message);
    const bytes = new TextEncoder().encode(body).length;
    if (this.status.state === "closed") {
      throw new SignalingError("not-joined", "left");
    }
    // The number is yet to come.
    const { messageBytes, outbox } = machine.session;
    if (bytes + 32 > messageBytes) {
      throw new SignalingError("too-large", `longer than ${messageBytes} bytes`);
    }
    const limit = this.#options.queuedBytes ?? QUEUED_BYTES;
    if (outbox.bytes + bytes > limit) {
      throw new SignalingError("queue-full", `more than ${limit} bytes wait`);
    }
    const seq = machine.send(now(), message, body, bytes);
    this.#step();
    return seq;
  }

  /** Does and tells everything that the machine wants done and told, and arms its deadline. */
  #step(): void {
    // A listener that says something comes back here; the loop below takes it up.
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    const machine = this.#machine;
    for (;;) {
      const action = machine.pollAction();
      const event = action === undefined ? machine.pollEvent() : undefined;
      if (action !== undefined) this.#perform(action);
      else if (event !== undefined) this.#tell(event.type, event.detail);
      else break;
    }
    this.#isAtWork = false;
    clearTimeout(this.#timer);
    const deadline = machine.pollTimeout();
    if (deadline === Infinity) return;
    this.#timer = setTimeout(() => {
      machine.handleTimeout(now());
      this.#step();
    }, Math.max(0, Math.ceil(deadline - now())));
  }

  #tell(type: keyof SignalingEvents, detail: unknown): void {
    for (const listener of [...this.#listeners.get(type) ?? []]) {
      try {
        (listener as Listener<unknown>)(detail);
      } catch (error) {
        // The listener's affair, and no reason to lose the next event.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #perform(action: ClientAction): void {
    switch (action.type) {
      case "token":
        return void this.#fetchToken();
      case "open":
        return this.#open(action.link, action.transport, action.join);
      case "send":
      case "post":
        return this.#links.get(action.link)?.send(action.text);
      case "close":
        this.#links.get(action.link)?.close(action.code);
        this.#links.delete(action.link);
    }
  }

  #open(id: number, transport: Transport, join: string): void {
    const machine = this.#machine;
    const input = (take: () => void): void => {
      take();
      this.#step();
    };
    const events: LinkEvents = {
      text: (text) => input(() => machine.handleText(now(), id, text)),
      closed: (reason) => {
        this.#links.delete(id);
        input(() => machine.handleClosed(now(), id, reason));
      },
      posted: (status, texts) => input(() => machine.handlePosted(now(), id, status, texts)),
    };
    const { WebSocket = globalThis.WebSocket as WebSocketClass, fetch } = this.#options;
    const base = this.#base;
    // Hosts with an object for each room choose it by the handshake; the others do not look.
    const socketUrl = `${base.replace(/^http/, "ws")}/ws?room=${this.#options.room}`;
    try {
      const link = transport === "websocket"
        ? openWebSocket(socketUrl, join, events, WebSocket)
        : openStream(base, join, events, fetch ?? ((url, init) => globalThis.fetch(url, init)));
      this.#links.set(id, link);
      this.#leftovers.add(link.gone);
      void link.gone.then(() => this.#leftovers.delete(link.gone));
    } catch {
      // A page that may not open it at all, by its content security policy.
      machine.handleClosed(now(), id, "");
    }
  }

  async #fetchToken(): Promise<void> {
    const machine = this.#machine, { token } = this.#options;
    try {
      const fetched = typeof token === "function" ? await token() : "";
      machine.handleToken(now(), fetched);
    } catch (error) {
      machine.handleToken(now(), undefined, `there is no token: ${error}`);
    }
    this.#step();
  }
}

function now(): number {
  return performance.now();
}

/** The address of the routes, for fetch. */
function baseOf(url: string | URL): string {
  const { origin: _, protocol, host, pathname } = new URL(url);
  return `${protocol.replace(/^ws/, "http")}//${host}${pathname.replace(/(\/ws)?\/*$/, "")}`;
}

function usable({ transports, WebSocket }: SignalingClientOptions): readonly Transport[] {
  const given = transports ?? ["websocket", "stream"];
  const hasSocket = WebSocket !== undefined || typeof globalThis.WebSocket === "function";
  const usable = hasSocket ? given : given.filter((transport) => transport !== "websocket");
  if (usable.length === 0) throw new TypeError("no transport");
  return usable;
}

/** What browsers have of `EventTarget` at these places, and other runtimes partly. */
interface NetworkSource {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

function onNetworkChange(listener: () => void): () => void {
  // Network Information API: which network it is; the browser tells when it is back (HTML §9.7).
  const { navigator } = globalThis as { navigator?: { connection?: NetworkSource } };
  const sources: [NetworkSource | undefined, string][] = [
    [globalThis as NetworkSource, "online"],
    [navigator?.connection, "typechange"],
  ];
  for (const [source, type] of sources) source?.addEventListener?.(type, listener);
  return () => {
    for (const [source, type] of sources) source?.removeEventListener?.(type, listener);
  };
}
