/// <reference lib="dom" />
import type { Fetch, WebSocketClass } from "../../../src/signaling/client.ts";

/** A switch between the page and the signaling server, to see what happens without a network. */
export class Network {
  readonly #sockets = new Set<WebSocket>();
  #unplug = new AbortController();
  #offUntil = 0;

  /** Milliseconds until the network is back; 0 when it is there. */
  get offMs(): number {
    return Math.max(0, this.#offUntil - performance.now());
  }

  /** WebSockets that obey the switch. */
  readonly WebSocket: WebSocketClass = this.#socketClass();

  /** Requests that obey the switch. */
  readonly fetch: Fetch = (url, init) => {
    if (this.offMs > 0) return Promise.reject(new TypeError("the network is switched off"));
    const signals = [this.#unplug.signal, ...(init.signal ? [init.signal] : [])];
    return fetch(url, { ...init, signal: AbortSignal.any(signals) });
  };

  /** Cuts everything, and lets nothing through for so long. Resolves when the network is back. */
  async cut(ms: number): Promise<void> {
    this.#offUntil = performance.now() + ms;
    this.#unplug.abort();
    this.#unplug = new AbortController();
    // A code of our own: 1000 would say that the page leaves.
    for (const socket of this.#sockets) socket.close(4999);
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#offUntil = 0;
  }

  #socketClass(): WebSocketClass {
    const open = (url: string): EventTarget => {
      if (this.offMs > 0) return new Unplugged();
      const socket = new WebSocket(url);
      this.#sockets.add(socket);
      socket.addEventListener("close", () => this.#sockets.delete(socket));
      return socket;
    };
    return function (url: string) {
      return open(url);
    } as unknown as WebSocketClass;
  }
}

/** A WebSocket that finds no network. */
class Unplugged extends EventTarget {
  readonly readyState = WebSocket.CLOSED;

  constructor() {
    super();
    setTimeout(() => this.dispatchEvent(new Event("error")));
  }

  send(): void {}
  close(): void {}
}
