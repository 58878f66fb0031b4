import { CLOSE_CODES } from "./errors.ts";
import type { SocketPort } from "./upgrade.ts";

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

/** Ports with something to send, until this round of the event loop has read every socket. */
let waiting: BunPort[] = [];

function flushAll(): void {
  const ports = waiting;
  waiting = [];
  for (const port of ports) port.flush();
}

/** After the sockets have been read; everywhere where there is Bun there is `setImmediate`. */
const { setImmediate: afterReading } = globalThis as unknown as {
  setImmediate(work: () => void): void;
};

/**
 * A WebSocket of Bun. The messages of one round of the event loop leave together: a server that is busy
 * reads many at once, and a system call for each would be most of its work.
 */
export class BunPort implements SocketPort {
  readonly #socket: BunSocket;
  #texts: string[] = [];
  #length = 0;

  constructor(socket: BunSocket) {
    this.#socket = socket;
  }

  /** See {@linkcode SocketPort.send}. What Bun drops later closes the socket, and the client resumes. */
  send(text: string): boolean {
    this.#length += text.length;
    if (this.#texts.push(text) === 1 && waiting.push(this) === 1) afterReading(flushAll);
    return true;
  }

  /** Sends what waits. */
  flush(): void {
    const texts = this.#texts, socket = this.#socket;
    if (texts.length === 0) return;
    this.#texts = [];
    this.#length = 0;
    let isDropped = false;
    if (texts.length === 1) isDropped = socket.send(texts[0]!) === 0;
    else {
      socket.cork(() => {
        for (const text of texts) isDropped = socket.send(text) === 0 || isDropped;
      });
    }
    if (isDropped) socket.close(CLOSE_CODES["slow-reader"], "slow-reader");
  }

  /** See {@linkcode SocketPort.close}. */
  close(code: number, reason: string): void {
    this.flush();
    this.#socket.close(code, reason);
  }

  /** See {@linkcode SocketPort.bufferedAmount}. */
  bufferedAmount(): number {
    return this.#socket.getBufferedAmount() + this.#length;
  }
}
