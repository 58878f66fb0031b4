/**
 * UDP by `Deno.listenDatagram`, which is there when the program runs with `--unstable-net`: twice the
 * packet rate of Deno's node:dgram.
 */
import { type Address, DatagramBatch, internAddress } from "../base/mod.ts";
import { HostError } from "./errors.ts";
import type { UdpFailed, UdpOpenOptions, UdpReceive, UdpSocket } from "./host.ts";
import { boundAddress } from "./interfaces.ts";
import { afterThisTurn } from "./macrotask.ts";

/** Room for the largest datagram, bytes. */
const MAX_DATAGRAM_BYTES = 65_536;
/** Where received datagrams wait to be handed up, bytes; with room for one more of any size. */
const ARENA_BYTES = 2 * MAX_DATAGRAM_BYTES;
/** Even empty datagrams take room, so that a flood of them does not keep the event loop from turning. */
const MIN_SPACING_BYTES = 64;
/** So many failures of `receive` in a row end the socket; single ones are ICMP errors. */
const MAX_FAILURES = 64;

/** What is used of `Deno.NetAddr`. */
interface DenoAddress {
  readonly transport: "udp";
  readonly hostname: string;
  readonly port: number;
}

/** What is used of `Deno.DatagramConn`, named here so that our types need no Deno. */
interface DenoDatagramConn {
  readonly addr: unknown;
  receive(into: Uint8Array): Promise<[Uint8Array, unknown]>;
  send(bytes: Uint8Array, to: DenoAddress): Promise<number>;
  close(): void;
}

/** `Deno.listenDatagram`. */
export type ListenDatagram = (options: DenoAddress) => DenoDatagramConn;

/** `Deno.listenDatagram`, if the program has it. */
export function denoListenDatagram(): ListenDatagram | undefined {
  return (globalThis as { Deno?: { listenDatagram?: ListenDatagram } }).Deno?.listenDatagram;
}

class DenoSocket implements UdpSocket {
  readonly address: Address;
  dropped = 0;
  readonly #socket: DenoDatagramConn;
  readonly #receive: UdpReceive;
  readonly #failed: UdpFailed;
  readonly #batch = new DatagramBatch();
  readonly #arena = new Uint8Array(ARENA_BYTES);
  /** One target per address, for the send call. */
  readonly #targets = new WeakMap<Address, DenoAddress>();
  /** Where in the arena the last datagram that was received ends. */
  #end = 0;
  /** Ends when the socket is closed and its last `receive` has failed: then the port is free. */
  readonly #reading: Promise<void>;
  #scheduled = false;
  #closed = false;

  constructor(socket: DenoDatagramConn, receive: UdpReceive, failed: UdpFailed) {
    this.#socket = socket;
    this.#receive = receive;
    this.#failed = failed;
    const { hostname, port } = socket.addr as DenoAddress;
    this.address = boundAddress(hostname, port);
    this.#reading = this.#readAll();
  }

  /** The runtime reads a buffer when it gets to it: one allocation and copy for the whole flush. */
  send(batch: DatagramBatch): void {
    if (this.#closed) return;
    const { count, bytes, addresses } = batch;
    let total = 0;
    for (let i = 0; i < count; i++) total += bytes[i]!.length;
    const arena = new Uint8Array(total);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const datagram = bytes[i]!;
      arena.set(datagram, at);
      const end = at + datagram.length;
      this.#socket.send(arena.subarray(at, end), this.#target(addresses[i]!)).catch(
        this.#onDropped,
      );
      at = end;
    }
  }

  close(): Promise<void> {
    this.#shut();
    return this.#reading;
  }

  /** See {@linkcode openDenoSocket}. */
  async warmUp(): Promise<void> {
    await this.#socket.send(new Uint8Array(0), this.#target(this.address)).catch(this.#onDropped);
  }

  #shut(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#batch.clear();
    this.#socket.close();
  }

  /**
   * Receives into one arena. As long as datagrams are waiting `receive` resolves within the same turn
   * of the event loop, so that they gather behind each other there; the macrotask that hands them up
   * runs when there are no more, and the arena starts anew. A full arena waits for that macrotask.
   */
  async #readAll(): Promise<void> {
    for (let failures = 0; !this.#closed;) {
      if (this.#batch.count === 0) this.#end = 0;
      else if (this.#end > ARENA_BYTES - MAX_DATAGRAM_BYTES) {
        await new Promise<void>(afterThisTurn);
        continue;
      }
      try {
        const room = this.#arena.subarray(this.#end, this.#end + MAX_DATAGRAM_BYTES);
        const [bytes, from] = await this.#socket.receive(room);
        failures = 0;
        this.#take(bytes, from as DenoAddress);
      } catch (error) {
        if (this.#closed || ++failures < MAX_FAILURES) continue;
        this.#shut();
        this.#failed(error instanceof Error ? error : new HostError("closed", String(error)));
      }
    }
  }

  #take(bytes: Uint8Array, from: DenoAddress): void {
    const address = internAddress(from.hostname, from.port);
    if (this.#closed || address === undefined || address === this.address) return;
    this.#batch.push(bytes, address);
    this.#end = bytes.byteOffset + Math.max(bytes.length, MIN_SPACING_BYTES);
    if (this.#scheduled) return;
    this.#scheduled = true;
    afterThisTurn(this.#onTurnEnd);
  }

  readonly #onTurnEnd = (): void => {
    this.#scheduled = false;
    this.#handUp();
  };

  #handUp(): void {
    if (this.#closed || this.#batch.count === 0) return;
    try {
      this.#receive(this.#batch);
    } finally {
      this.#batch.clear();
    }
  }

  #target(address: Address): DenoAddress {
    let target = this.#targets.get(address);
    if (target === undefined) {
      target = { transport: "udp", hostname: address.ip, port: address.port };
      this.#targets.set(address, target);
    }
    return target;
  }

  readonly #onDropped = (): void => {
    this.dropped++;
  };
}

/**
 * Opens a socket; see {@linkcode Host.openUdp}. Deno sends the datagrams that are given to it before
 * the first one has left in reverse order, so an empty one to the socket itself goes ahead; what comes
 * from its own address is not handed up.
 */
export async function openDenoSocket(
  listenDatagram: ListenDatagram,
  { ip, port = 0 }: UdpOpenOptions,
  receive: UdpReceive,
  failed: UdpFailed,
): Promise<UdpSocket> {
  let conn: DenoDatagramConn;
  try {
    conn = listenDatagram({ transport: "udp", hostname: ip, port });
  } catch (cause) {
    throw new HostError("bind", `cannot bind UDP to ${ip} port ${port}`, { cause });
  }
  const socket = new DenoSocket(conn, receive, failed);
  await socket.warmUp();
  return socket;
}
