import type { SocketPort } from "./upgrade.ts";

/** Ports with something to send, until this round of the event loop has read every socket. */
let waiting: GatheringPort[] = [];

function flushAll(): void {
  const ports = waiting;
  waiting = [];
  for (const port of ports) port.flush();
}

/** Calls `work` when the sockets have been read: Deno and Bun have a moment for that. */
function afterReading(work: () => void): void {
  const host = globalThis as { setImmediate?: (work: () => void) => unknown };
  if (host.setImmediate !== undefined) host.setImmediate(work);
  else setTimeout(work, 0);
}

/**
 * A WebSocket whose messages of one round of the event loop leave together. A server that is busy reads
 * many at once; to write between reading costs it most of its time.
 */
export abstract class GatheringPort implements SocketPort {
  #texts: string[] = [];
  #length = 0;

  /** Hands messages to the host. */
  protected abstract sendAll(texts: readonly string[]): void;
  /** Starts the closing handshake. */
  protected abstract closeSocket(code: number, reason: string): void;
  /** Bytes that wait in the host. */
  protected abstract hostBuffered(): number;

  /** See {@linkcode SocketPort.send}. What the host drops later closes the socket. */
  send(text: string): boolean {
    this.#length += text.length;
    if (this.#texts.push(text) === 1 && waiting.push(this) === 1) afterReading(flushAll);
    return true;
  }

  /** Sends what waits. */
  flush(): void {
    const texts = this.#texts;
    if (texts.length === 0) return;
    this.#texts = [];
    this.#length = 0;
    try {
      this.sendAll(texts);
    } catch {
      // The socket is closing, and will say so.
    }
  }

  /** See {@linkcode SocketPort.close}. */
  close(code: number, reason: string): void {
    this.flush();
    this.closeSocket(code, reason);
  }

  /** See {@linkcode SocketPort.bufferedAmount}. */
  bufferedAmount(): number {
    return this.hostBuffered() + this.#length;
  }
}
