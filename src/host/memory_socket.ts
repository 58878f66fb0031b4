import { type Address, DatagramBatch } from "../base/mod.ts";
import type { UdpReceive, UdpSocket } from "./host.ts";
import type { MemoryHost } from "./memory_host.ts";

/** A UDP socket of a {@linkcode MemoryHost}. */
export class MemorySocket implements UdpSocket {
  /** Whose it is. */
  readonly host: MemoryHost;
  readonly address: Address;
  /** A memory host never refuses a datagram; links lose them. */
  readonly dropped = 0;
  readonly #receive: UdpReceive;
  readonly #batch = new DatagramBatch();
  #closed = false;

  /** Use {@linkcode MemoryHost.openUdp}. */
  constructor(host: MemoryHost, address: Address, receive: UdpReceive) {
    this.host = host;
    this.address = address;
    this.#receive = receive;
  }

  send(batch: DatagramBatch): void {
    if (this.#closed) return;
    for (let i = 0; i < batch.count; i++) {
      this.host.network.route(this, batch.bytes[i]!, batch.addresses[i]!);
    }
  }

  close(): void {
    this.#closed = true;
    this.host.release(this);
  }

  /** Adds a datagram to the next batch. Called by the network. */
  stage(bytes: Uint8Array, from: Address): void {
    this.#batch.push(bytes, from);
  }

  /** Hands up what was staged. Called by the network. */
  handUp(): void {
    if (!this.#closed) this.#receive(this.#batch);
    this.#batch.clear();
  }
}
