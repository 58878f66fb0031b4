/** A client that speaks the signaling protocol by hand, without anything of the client library. */
import type { ServerMessage } from "../../src/signaling/mod.ts";

/** How long a message may take, milliseconds. */
const MESSAGE_LIMIT_MS = 10_000;
/** A close code after which a session can be resumed (RFC 6455 §7.4.2: for private use). */
const DROPPED = 4000;

/** One WebSocket, and what came over it. */
export class RawClient {
  readonly #socket: WebSocket;
  readonly #messages: ServerMessage[] = [];
  readonly #closed: Promise<CloseEvent>;
  #isClosed = false;
  #wake: () => void = () => {};

  /**
   * Connects; `token` goes into the subprotocol, as from a browser. The address names the room, for
   * hosts that choose a Durable Object by it; others do not look.
   */
  constructor(base: string, room: string, token?: string) {
    const protocols = token === undefined ? ["sterna"] : ["sterna", `sterna.token.${token}`];
    this.#socket = new WebSocket(`ws:${base}/ws?room=${room}`, protocols);
    this.#socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as ServerMessage;
      if (message.type === "ping") this.send({ type: "pong" });
      else this.#messages.push(message);
      this.#wake();
    });
    this.#socket.addEventListener("error", (event) => event.preventDefault());
    this.#closed = new Promise((resolve) => {
      this.#socket.addEventListener("close", (event) => {
        this.#isClosed = true;
        this.#wake();
        resolve(event);
      });
    });
  }

  /** The next message of a type; those before it are passed over. */
  async next<Type extends ServerMessage["type"]>(
    type: Type,
  ): Promise<ServerMessage & { type: Type }> {
    const deadline = performance.now() + MESSAGE_LIMIT_MS;
    for (;;) {
      const message = this.#messages.shift();
      if (message?.type === type) return message as ServerMessage & { type: Type };
      if (message !== undefined) continue;
      const left = deadline - performance.now();
      if (this.#isClosed || left <= 0) throw new Error(`no "${type}" came`);
      await this.#news(left);
    }
  }

  /** Sends a message. */
  send(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Closes the socket without leaving the room. */
  async drop(): Promise<void> {
    this.#socket.close(DROPPED);
    await this.#closed;
  }

  /** Leaves and closes. */
  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    await this.#closed;
  }

  #news(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
