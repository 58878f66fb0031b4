/** UDP by node:dgram, which Node, Bun and Deno have. */
import type * as NodeBuffer from "node:buffer";
import type * as NodeDgram from "node:dgram";
import type { Address, DatagramBatch } from "../base/mod.ts";
import { HostError } from "./errors.ts";
import type { UdpFailed, UdpOpenOptions, UdpReceive, UdpSocket } from "./host.ts";
import { boundAddress } from "./interfaces.ts";
import { builtinModule } from "./node_modules.ts";
import { ReceiveBatch } from "./receive_batch.ts";

/**
 * Asked of the kernel for each direction, bytes; it grants what its own limit allows. The usual
 * default of 208 KiB holds three datagrams of a loopback transfer, or a tenth of a second of 16 Mbit/s.
 */
export const SOCKET_BUFFER_BYTES: number = 4 * 1024 * 1024;

/** What differs between the runtimes. */
export interface DgramOptions {
  /**
   * Whether to ask for larger socket buffers. Not in Deno, where the size of the receive buffer is
   * also allocated for every single datagram.
   */
  readonly largeBuffers: boolean;
  /**
   * Whether to send an empty datagram to the socket itself first: Deno sends the datagrams that are
   * given to it before the first one has left in reverse order.
   */
  readonly warmUp: boolean;
}

/**
 * Addresses are numeric already. Node would otherwise send each datagram through dns.lookup, which
 * answers a tick later and puts an end to batches.
 */
function numericLookup(
  ip: string,
  options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, ip, options === 6 || ip.includes(":") ? 6 : 4);
}

class DgramSocket implements UdpSocket {
  readonly address: Address;
  dropped = 0;
  readonly #socket: NodeDgram.Socket;
  readonly #buffer: typeof NodeBuffer.Buffer;
  readonly #received: ReceiveBatch;
  #closing: Promise<void> | undefined;

  constructor(
    socket: NodeDgram.Socket,
    buffer: typeof NodeBuffer.Buffer,
    receive: UdpReceive,
    failed: UdpFailed,
  ) {
    this.#socket = socket;
    this.#buffer = buffer;
    this.#received = new ReceiveBatch(receive);
    const { address, port } = socket.address();
    this.address = boundAddress(address, port);
    socket.on("message", (bytes, { address, port }) => {
      if (bytes.length > 0 || port !== this.address.port) this.#received.push(bytes, address, port);
    });
    // ICMP errors of earlier datagrams arrive here in some runtimes; the socket lives on.
    socket.on("error", () => this.dropped++);
    socket.on("close", () => {
      this.#received.close();
      if (this.#closing === undefined) failed(new HostError("closed", "the socket was closed"));
      this.#closing ??= Promise.resolve();
    });
  }

  /** The runtime keeps a buffer until it is sent: one allocation and copy for the whole flush. */
  send(batch: DatagramBatch): void {
    if (this.#closing !== undefined) return;
    const { count, bytes, addresses } = batch;
    let total = 0;
    for (let i = 0; i < count; i++) total += bytes[i]!.length;
    const arena = this.#buffer.allocUnsafe(total);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const datagram = bytes[i]!;
      arena.set(datagram, at);
      const { ip, port } = addresses[i]!;
      try {
        this.#socket.send(arena, at, datagram.length, port, ip, this.#onSent);
      } catch {
        this.dropped++;
      }
      at += datagram.length;
    }
  }

  /** See {@linkcode DgramOptions.warmUp}. */
  warmUp(): Promise<void> {
    const { ip, port } = this.address;
    return new Promise((resolve) => {
      this.#socket.send(new Uint8Array(0), 0, 0, port, ip, () => resolve());
    });
  }

  close(): Promise<void> {
    return this.#closing ??= new Promise((resolve) => {
      this.#received.close();
      this.#socket.once("close", resolve);
      this.#socket.close();
    });
  }

  readonly #onSent = (error: Error | null): void => {
    if (error) this.dropped++;
  };
}

/** Opens a socket; see {@linkcode Host.openUdp}. */
export async function openDgramSocket(
  options: UdpOpenOptions,
  receive: UdpReceive,
  failed: UdpFailed,
  { largeBuffers, warmUp }: DgramOptions,
): Promise<UdpSocket> {
  const dgram = builtinModule("node:dgram"), buffer = builtinModule("node:buffer");
  if (dgram === undefined || buffer === undefined) {
    throw new HostError("unsupported", "this runtime has no UDP sockets");
  }
  const socket = options.ip.includes(":")
    ? dgram.createSocket({ type: "udp6", ipv6Only: true, lookup: numericLookup })
    : dgram.createSocket({ type: "udp4", lookup: numericLookup });
  await bindDgram(socket, options);
  if (largeBuffers) enlargeBuffers(socket);
  const opened = new DgramSocket(socket, buffer.Buffer, receive, failed);
  if (warmUp) await opened.warmUp();
  return opened;
}

function bindDgram(socket: NodeDgram.Socket, { ip, port = 0 }: UdpOpenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: unknown): void => {
      socket.close();
      reject(new HostError("bind", `cannot bind UDP to ${ip} port ${port}`, { cause }));
    };
    socket.once("error", onError);
    try {
      // `exclusive`: the workers of a cluster do not share a port that ICE believes to be its own.
      socket.bind({ address: ip, port, exclusive: true }, () => {
        socket.off("error", onError);
        resolve();
      });
    } catch (error) {
      onError(error); // Deno without permission throws at once
    }
  });
}

function enlargeBuffers(socket: NodeDgram.Socket): void {
  try {
    socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
    socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
  } catch {
    // The default size works too.
  }
}
