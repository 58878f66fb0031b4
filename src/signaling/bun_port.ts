import { CLOSE_CODES } from "./errors.ts";
import { GatheringPort } from "./gathering_port.ts";

/** The members of Bun's `ServerWebSocket` that are called. */
export interface BunSocket {
  /** Bytes that wait to be sent. */
  getBufferedAmount(): number;
  /** Queues a message. Returns 0 when it is dropped, which happens without a word past 16 MiB. */
  send(text: string): number;
  /** Gathers what `work` sends. */
  cork(work: () => void): unknown;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
}

/** A WebSocket of Bun: the messages of a round leave in one system call. */
export class BunPort extends GatheringPort {
  readonly #socket: BunSocket;

  constructor(socket: BunSocket) {
    super();
    this.#socket = socket;
  }

  /** Corks, and closes the socket of a client for whom something was dropped: it resumes. */
  protected override sendAll(texts: readonly string[]): void {
    const socket = this.#socket;
    let isDropped = false;
    if (texts.length === 1) isDropped = socket.send(texts[0]!) === 0;
    else {
      socket.cork(() => {
        for (const text of texts) isDropped = socket.send(text) === 0 || isDropped;
      });
    }
    if (isDropped) socket.close(CLOSE_CODES["slow-reader"], "slow-reader");
  }

  protected override closeSocket(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  protected override hostBuffered(): number {
    return this.#socket.getBufferedAmount();
  }
}
