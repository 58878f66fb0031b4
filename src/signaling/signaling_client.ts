import { SignalingError } from "./errors.ts";
import {
  type ClientMessage,
  type PeerInfo,
  type PeerMetadata,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "./messages.ts";
import type { NegotiationSignal } from "./negotiator.ts";
import { parseServerMessage } from "./message_schemas.ts";

/** First wait before connecting again, milliseconds; doubles up to the last. */
const RETRY_FIRST_MS = 500;
/** Longest wait before connecting again, milliseconds. */
const RETRY_LAST_MS = 15_000;
/** Heartbeats the server may miss before the connection counts as lost. */
const MISSED_BEATS = 2.5;

/** Where a {@linkcode SignalingClient} stands. */
export type SignalingState = "connecting" | "joined" | "waiting" | "closed";

/** What a {@linkcode SignalingClient} needs. */
export interface SignalingClientOptions extends Partial<PeerMetadata> {
  /** Address of the routes' WebSocket, such as `wss://app.example/rtc/ws`. */
  url: string | URL;
  /** The room to be in. */
  room: string;
  /** Entered the room, for the first time or again with a new id. */
  onJoined?(self: string, peers: readonly PeerInfo[]): void;
  /** Somebody else entered. */
  onPeerJoined?(peer: PeerInfo): void;
  /** Somebody changed name or kind. */
  onPeerUpdated?(peer: PeerInfo): void;
  /** Somebody left. */
  onPeerLeft?(id: string): void;
  /** A member sent a description or candidate. */
  onSignal?(from: string, signal: NegotiationSignal): void;
  /** The state changed; in `waiting` it connects again after `retryMs`. */
  onState?(state: SignalingState, retryMs: number): void;
  /** The server refused something, or the connection was lost. */
  onError?(error: SignalingError): void;
  /** The WebSocket class, where it is not the global one. */
  WebSocket?: new (url: string | URL) => WebSocketLike;
}

/** The part of WebSocket that the client uses. */
export interface WebSocketLike {
  /** See the WebSocket standard. */
  readonly readyState: number;
  /** Queues a text message. */
  send(text: string): void;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
  /** `open`, `message`, `close` and `error` are listened to. */
  addEventListener(type: string, listener: (event: Event) => void): void;
}

/**
 * A membership in one room. It connects at once, and again, with growing and jittered pauses, until
 * {@linkcode SignalingClient.close} or a refusal that would only repeat itself.
 *
 * @example
 * ```ts
 * import { SignalingClient } from "@sterna/webrtc/signaling";
 *
 * const client = new SignalingClient({
 *   url: "ws://127.0.0.1:8080/rtc/ws",
 *   room: "demo",
 *   onJoined: (self, peers) => console.log(`I am ${self}, with ${peers.length} others`),
 * });
 * client.close();
 * ```
 */
export class SignalingClient {
  readonly #options: SignalingClientOptions;
  #metadata: PeerMetadata;
  /** What the server was told last. */
  #toldMetadata: PeerMetadata;
  #socket: WebSocketLike | undefined;
  #state: SignalingState = "connecting";
  #retries = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #heartbeatMs = 0;
  #seq = 0;
  /** A refusal that a new attempt would meet again. */
  #isFinal = false;

  /** Starts connecting. */
  constructor(options: SignalingClientOptions) {
    this.#options = options;
    this.#metadata = { name: options.name ?? "", kind: options.kind ?? "" };
    this.#toldMetadata = this.#metadata;
    this.#connect();
  }

  /** Where it stands. */
  get state(): SignalingState {
    return this.#state;
  }

  /** Sends to one member of the room. Returns `false` when there is no connection to send on. */
  send(to: string, signal: NegotiationSignal): boolean {
    if (this.#state !== "joined") return false;
    this.#post(
      signal.type === "description"
        ? { type: "description", seq: ++this.#seq, to, description: signal.description }
        : { type: "candidate", seq: ++this.#seq, to, candidate: signal.candidate },
    );
    return true;
  }

  /** Changes what the others see; kept for later connections too. */
  update(metadata: Partial<PeerMetadata>): void {
    this.#metadata = { ...this.#metadata, ...metadata };
    if (this.#state === "joined") this.#tellMetadata();
  }

  #tellMetadata(): void {
    this.#toldMetadata = this.#metadata;
    this.#post({ type: "update", seq: ++this.#seq, ...this.#metadata });
  }

  /** Leaves for good. */
  close(): void {
    if (this.#state === "closed") return;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000, "leaving");
    this.#setState("closed");
  }

  #connect(): void {
    const WebSocketClass = this.#options.WebSocket ?? globalThis.WebSocket as
      | (new (url: string | URL) => WebSocketLike)
      | undefined;
    if (WebSocketClass === undefined) {
      throw new TypeError("no WebSocket in this runtime; pass one as options.WebSocket");
    }
    const socket = this.#socket = new WebSocketClass(this.#options.url);
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return socket.close();
      const { room } = this.#options;
      this.#toldMetadata = this.#metadata;
      this.#post({ type: "join", version: PROTOCOL_VERSION, room, ...this.#metadata });
    });
    socket.addEventListener("message", (event) => {
      if (socket !== this.#socket) return;
      const { data } = event as MessageEvent<unknown>;
      const message = typeof data === "string" ? parseServerMessage(data) : undefined;
      this.#watchSilence(socket);
      if (message !== undefined) this.#handle(message);
    });
    socket.addEventListener("close", () => this.#lose(socket));
    // Some runtimes report a failed handshake by an error alone.
    socket.addEventListener("error", () => this.#lose(socket));
  }

  #handle(message: ServerMessage): void {
    const options = this.#options;
    switch (message.type) {
      case "welcome":
        this.#heartbeatMs = message.heartbeatMs;
        return;
      case "ping":
        return this.#post({ type: "pong" });
      case "joined":
        this.#retries = 0;
        this.#seq = 0;
        this.#setState("joined");
        // Changed while the answer to the join was under way.
        if (this.#toldMetadata !== this.#metadata) this.#tellMetadata();
        return options.onJoined?.(message.self, message.peers);
      case "peer-joined":
        return options.onPeerJoined?.(message.peer);
      case "peer-updated":
        return options.onPeerUpdated?.(message.peer);
      case "peer-left":
        return options.onPeerLeft?.(message.id);
      case "description":
      case "candidate":
        return options.onSignal?.(message.from, message);
      case "resumed":
      case "room-updated":
      case "data":
      case "ack":
      case "reconnect":
      case "left":
        return;
      case "error":
        // Without a room there is nothing to stay for: these answer the join itself.
        if (this.#state !== "joined") {
          this.#isFinal = message.code === "bad-message" || message.code === "unsupported-version";
          this.#socket?.close();
        }
        return options.onError?.(new SignalingError(message.code, message.message));
    }
  }

  #post(message: ClientMessage): void {
    // 1: OPEN. A socket that is closing tells so itself.
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  /** The server pings; when it does not, the network may have gone without a word. */
  #watchSilence(socket: WebSocketLike): void {
    clearTimeout(this.#silenceTimer);
    if (this.#heartbeatMs === 0) return;
    this.#silenceTimer = setTimeout(() => {
      socket.close();
      this.#lose(socket);
    }, this.#heartbeatMs * MISSED_BEATS);
  }

  #lose(socket: WebSocketLike): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    clearTimeout(this.#silenceTimer);
    if (this.#isFinal) return this.#setState("closed");
    const message = "the signaling server cannot be reached";
    if (this.#state === "joined") {
      this.#options.onError?.(new SignalingError("connection-lost", message));
    }
    if (this.#state === "closed") return;
    const ceiling = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** this.#retries++);
    const retryMs = Math.round(ceiling * (0.5 + Math.random() / 2));
    this.#retryTimer = setTimeout(() => {
      this.#setState("connecting");
      this.#connect();
    }, retryMs);
    this.#setState("waiting", retryMs);
  }

  #setState(state: SignalingState, retryMs = 0): void {
    this.#state = state;
    this.#options.onState?.(state, retryMs);
  }
}
