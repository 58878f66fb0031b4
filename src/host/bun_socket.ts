/**
 * UDP by `Bun.udpSocket`, whose `sendMany` sends a flush with one system call and without a copy: a
 * third more packets than Bun's node:dgram. It has no way to enlarge the socket buffers, which bulk
 * transfer needs, so that is done through the C library; where this fails node:dgram serves.
 */
import type { Address, DatagramBatch } from "../base/mod.ts";
import { SOCKET_BUFFER_BYTES } from "./dgram_socket.ts";
import { HostError } from "./errors.ts";
import type { UdpOpenOptions, UdpReceive, UdpSocket } from "./host.ts";
import { boundAddress } from "./interfaces.ts";
import { ReceiveBatch } from "./receive_batch.ts";

/** What is used of Bun's UDP socket. */
interface BunUdp {
  readonly fd: number;
  readonly port: number;
  readonly hostname: string;
  sendMany(triples: readonly (Uint8Array | number | string)[]): number;
  close(): void;
}

interface BunUdpOptions {
  hostname: string;
  port: number;
  socket: {
    data(socket: BunUdp, bytes: Uint8Array, port: number, ip: string): void;
    error(error: Error): void;
    drain(): void;
  };
}

type SetSockOpt = (
  fd: number,
  level: number,
  name: number,
  value: Uint8Array,
  size: number,
) => number;

interface BunFfi {
  dlopen(path: string, symbols: Record<string, { args: string[]; returns: string }>): {
    symbols: { setsockopt: SetSockOpt };
  };
}

/** What a Bun process offers. */
export interface BunGlobal {
  udpSocket(options: BunUdpOptions): Promise<BunUdp>;
}

/** Linux, asm-generic/socket.h: SOL_SOCKET, SO_SNDBUF, SO_RCVBUF. */
const SOL_SOCKET = 1, SO_SNDBUF = 7, SO_RCVBUF = 8;

/** So many datagrams wait for a full socket buffer to drain; later ones are dropped. */
const MAX_PENDING = 1024;

/** `Bun`, if this is Bun and it can enlarge socket buffers. */
export function bunUdp(): BunGlobal | undefined {
  const { Bun } = globalThis as { Bun?: BunGlobal };
  return Bun?.udpSocket !== undefined && setSockOpt() !== undefined ? Bun : undefined;
}

let cachedSetSockOpt: SetSockOpt | null | undefined;

function setSockOpt(): SetSockOpt | undefined {
  if (cachedSetSockOpt === undefined) cachedSetSockOpt = loadSetSockOpt() ?? null;
  return cachedSetSockOpt ?? undefined;
}

interface BunProcess {
  readonly platform?: string;
  getBuiltinModule?(name: string): unknown;
}

function loadSetSockOpt(): SetSockOpt | undefined {
  const { process } = globalThis as { process?: BunProcess };
  if (process?.platform !== "linux") return undefined; // the constants above are Linux's
  try {
    const ffi = process.getBuiltinModule?.("bun:ffi") as BunFfi | undefined;
    return ffi?.dlopen("libc.so.6", {
      setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
    }).symbols.setsockopt;
  } catch {
    return undefined;
  }
}

class BunSocket implements UdpSocket {
  readonly address: Address;
  dropped = 0;
  readonly #socket: BunUdp;
  /** Bytes, port and address of each datagram on its way to `sendMany`. */
  readonly #triples: (Uint8Array | number | string)[] = [];
  /** The same, copied, for when the socket buffer drains. */
  #pending: (Uint8Array | number | string)[] = [];
  #closed = false;
  readonly #received: ReceiveBatch;

  constructor(socket: BunUdp, received: ReceiveBatch) {
    this.#socket = socket;
    this.#received = received;
    this.address = boundAddress(socket.hostname, socket.port);
  }

  send(batch: DatagramBatch): void {
    if (this.#closed) return;
    const triples = this.#triples;
    for (let i = 0; i < batch.count; i++) {
      const { ip, port } = batch.addresses[i]!;
      triples.push(batch.bytes[i]!, port, ip);
    }
    const sent = this.#pending.length > 0 ? 0 : this.#sendAll(triples);
    for (let at = 3 * sent; at < triples.length; at += 3) this.#postpone(triples, at);
    triples.length = 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#received.close();
    this.#pending.length = 0;
    this.#socket.close();
  }

  /** The socket buffer has room again. */
  drain(): void {
    if (this.#closed) return;
    const pending = this.#pending;
    this.#pending = [];
    this.#pending = pending.slice(3 * this.#sendAll(pending));
  }

  /**
   * Sends until the socket buffer is full, and returns how many datagrams are done with. `sendMany`
   * stops before a datagram it cannot send and throws if that is the first one; but it also throws
   * for an ICMP error of some earlier datagram, so only the second failure condemns the datagram.
   */
  #sendAll(triples: readonly (Uint8Array | number | string)[]): number {
    const count = triples.length / 3;
    let done = 0, failedAt = -1;
    while (done < count) {
      try {
        const sent = this.#socket.sendMany(done === 0 ? triples : triples.slice(3 * done));
        if (sent === 0) break;
        done += sent;
      } catch {
        if (failedAt === done) {
          this.dropped++;
          done++;
        } else failedAt = done;
      }
    }
    return done;
  }

  #postpone(triples: readonly (Uint8Array | number | string)[], at: number): void {
    if (this.#pending.length >= 3 * MAX_PENDING) this.dropped++;
    else {this.#pending.push(
        (triples[at] as Uint8Array).slice(),
        triples[at + 1]!,
        triples[at + 2]!,
      );}
  }
}

/** Opens a socket; see {@linkcode Host.openUdp}. */
export async function openBunSocket(
  bun: BunGlobal,
  { ip, port = 0 }: UdpOpenOptions,
  receive: UdpReceive,
): Promise<UdpSocket> {
  const received = new ReceiveBatch(receive);
  let open: BunSocket | undefined;
  try {
    const socket = await bun.udpSocket({
      hostname: ip,
      port,
      socket: {
        data: (_socket, bytes, port, ip) => received.push(bytes, ip, port),
        // ICMP errors of earlier datagrams; without this handler Bun would end the process.
        error: () => void (open !== undefined && open.dropped++),
        drain: () => open?.drain(),
      },
    });
    const size = new Uint8Array(Int32Array.of(SOCKET_BUFFER_BYTES).buffer);
    for (const name of [SO_RCVBUF, SO_SNDBUF]) {
      setSockOpt()?.(socket.fd, SOL_SOCKET, name, size, size.length);
    }
    return open = new BunSocket(socket, received);
  } catch (cause) {
    throw new HostError("bind", `cannot bind UDP to ${ip} port ${port}`, { cause });
  }
}
