import { GatheringPort } from "./gathering_port.ts";

/** The members of WebSocket that are called. */
export interface DenoSocket {
  /** Bytes that wait to be sent. */
  readonly bufferedAmount?: number;
  /** Queues a message. */
  send(text: string): void;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
}

/** A WebSocket of Deno: the messages of a round leave when all have been read. */
export class DenoPort extends GatheringPort {
  readonly #socket: DenoSocket;

  constructor(socket: DenoSocket) {
    super();
    this.#socket = socket;
  }

  protected override sendAll(texts: readonly string[]): void {
    for (const text of texts) this.#socket.send(text);
  }

  protected override closeSocket(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  protected override hostBuffered(): number {
    return this.#socket.bufferedAmount ?? 0;
  }
}
