import { type Address, DatagramBatch, internAddress } from "../base/mod.ts";
import type { UdpReceive } from "./host.ts";
import { afterThisTurn } from "./macrotask.ts";

/** More in one turn of the loop are handed up at once, so that nothing waits behind a flood. */
const MAX_BATCH = 256;

/**
 * Collects the datagrams that arrive in one turn of the event loop and hands them up in one call.
 *
 * A microtask or `process.nextTick` would not collect anything: the runtimes run both after every
 * single `message` callback. `setImmediate` runs right after the poll phase in which libuv has read
 * up to 32 datagrams per socket, before the loop sleeps again, so a lone datagram waits for nothing
 * but the callbacks that are ready anyway.
 */
export class ReceiveBatch {
  readonly #batch = new DatagramBatch();
  readonly #receive: UdpReceive;
  #scheduled = false;
  #closed = false;

  constructor(receive: UdpReceive) {
    this.#receive = receive;
  }

  /** Adds one datagram from `ip`, whose bytes nobody else will write to. */
  push(bytes: Uint8Array, ip: string, port: number): void {
    const from: Address | undefined = internAddress(ip, port);
    if (this.#closed || from === undefined) return;
    this.#batch.push(bytes, from);
    if (this.#batch.count >= MAX_BATCH) return this.flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    afterThisTurn(this.#onImmediate);
  }

  /** Hands up what has been collected. */
  flush(): void {
    const batch = this.#batch;
    if (batch.count === 0 || this.#closed) return;
    try {
      this.#receive(batch);
    } finally {
      batch.clear();
    }
  }

  /** Nothing is handed up from here on. */
  close(): void {
    this.#closed = true;
    this.#batch.clear();
  }

  readonly #onImmediate = (): void => {
    this.#scheduled = false;
    this.flush();
  };
}
