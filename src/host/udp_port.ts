import { type Address, DatagramBatch } from "../base/mod.ts";
import { PortRouter } from "../peer/mod.ts";
import type { Host, LocalInterface, UdpSocket } from "./host.ts";

/** Which addresses and port a connection uses. */
export interface UdpOptions {
  /**
   * A fixed UDP port. All connections of the process that name the same port share its sockets, told
   * apart by ICE username fragment and remote address. Left out: a port of its own per connection.
   */
  readonly port?: number | undefined;
  /** IP addresses to use, instead of all that the host has. */
  readonly addresses?: readonly string[] | undefined;
  /** Whether loopback addresses are offered too. By default only when the host has no other. */
  readonly includeLoopback?: boolean | undefined;
}

/** Whoever takes the datagrams of a port: a driver. */
export interface UdpReceiver {
  /** Takes one datagram; `endBatch` follows. */
  receive(bytes: Uint8Array, from: Address, base: UdpBase): void;
  /** The last datagram of a batch was taken. */
  endBatch(): void;
}

/** One socket of a port, as ICE's opaque base, with the datagrams that wait to be flushed. */
export class UdpBase {
  /** The socket. */
  readonly socket: UdpSocket;
  /** The interface it is bound to. */
  readonly network: LocalInterface;
  readonly #out = new DatagramBatch();

  /** Wraps an open socket. */
  constructor(socket: UdpSocket, network: LocalInterface) {
    this.socket = socket;
    this.network = network;
  }

  /** Adds a datagram to the next flush; `true` when it is the first one. */
  queue(bytes: Uint8Array, to: Address): boolean {
    this.#out.push(bytes, to);
    return this.#out.count === 1;
  }

  /** Sends what is queued. */
  flush(): void {
    if (this.#out.count > 0) this.socket.send(this.#out);
    this.#out.clear();
  }
}

/** One UDP port on all chosen addresses, for one connection or shared by many. */
export class UdpPort {
  /** Tells connections apart; unused while the port serves only one. */
  readonly router: PortRouter<UdpReceiver> = new PortRouter<UdpReceiver>();
  readonly #host: Host;
  readonly #options: UdpOptions;
  readonly #receivers = new Set<UdpReceiver>();
  readonly #bases: UdpBase[] = [];
  readonly #touched: UdpReceiver[] = [];
  #opening: Promise<void> | undefined;
  #closed = false;

  /** Opens nothing yet. */
  constructor(host: Host, options: UdpOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Whether the port serves, or may come to serve, more than one connection. */
  get shared(): boolean {
    return (this.#options.port ?? 0) !== 0;
  }

  /** The sockets that could be opened. */
  get bases(): readonly UdpBase[] {
    return this.#bases;
  }

  /** Joins; the sockets are open when the promise resolves. It never rejects. */
  join(receiver: UdpReceiver): Promise<void> {
    this.#receivers.add(receiver);
    return this.#opening ??= this.#open();
  }

  /** Leaves; the last one closes the sockets. */
  leave(receiver: UdpReceiver): void {
    this.#receivers.delete(receiver);
    this.router.remove(receiver);
    if (this.#receivers.size > 0 || this.#closed) return;
    this.#closed = true;
    sharedPorts.get(this.#host)?.delete(portKey(this.#options));
    for (const base of this.#bases) void base.socket.close();
  }

  async #open(): Promise<void> {
    const networks = chooseInterfaces(this.#host.interfaces(), this.#options);
    await Promise.all(networks.map((network) => this.#openOn(network)));
  }

  async #openOn(network: LocalInterface): Promise<void> {
    let base: UdpBase | undefined;
    try {
      const socket = await this.#host.openUdp(
        { ip: network.ip, port: this.#options.port ?? 0 },
        (batch) => base !== undefined && this.#receive(base, batch),
        () => this.#failed(base),
      );
      base = new UdpBase(socket, network);
    } catch {
      // An address that cannot be bound (gone, or its port taken) gives no candidate.
      return;
    }
    if (this.#closed) void base.socket.close();
    else this.#bases.push(base);
  }

  #receive(base: UdpBase, batch: DatagramBatch): void {
    const only = this.shared ? undefined : this.#receivers.values().next().value;
    const touched = this.#touched;
    for (let i = 0; i < batch.count; i++) {
      const bytes = batch.bytes[i]!;
      const from = batch.addresses[i]!;
      const receiver = only ?? this.router.route(bytes, from);
      if (receiver === undefined) continue;
      receiver.receive(bytes, from, base);
      if (!touched.includes(receiver)) touched.push(receiver);
    }
    for (let i = 0; i < touched.length; i++) touched[i]!.endBatch();
    touched.length = 0;
  }

  /** ICE notices by itself that checks and consent on a dead socket go unanswered (RFC 7675). */
  #failed(base: UdpBase | undefined): void {
    const index = base === undefined ? -1 : this.#bases.indexOf(base);
    if (index >= 0) this.#bases.splice(index, 1);
  }
}

const sharedPorts = new WeakMap<Host, Map<string, UdpPort>>();

/** The port for these options: the one that others already share, or a new one. */
export function udpPortFor(host: Host, options: UdpOptions): UdpPort {
  if ((options.port ?? 0) === 0) return new UdpPort(host, options);
  let ports = sharedPorts.get(host);
  if (ports === undefined) sharedPorts.set(host, ports = new Map());
  const key = portKey(options);
  let port = ports.get(key);
  if (port === undefined) ports.set(key, port = new UdpPort(host, options));
  return port;
}

function portKey(options: UdpOptions): string {
  return `${options.port}|${options.addresses?.join() ?? ""}|${options.includeLoopback ?? ""}`;
}

/** RFC 8445 §5.1.1.1: no loopback candidates, unless asked for or nothing else is there. */
function chooseInterfaces(
  all: readonly LocalInterface[],
  options: UdpOptions,
): readonly LocalInterface[] {
  if (options.addresses !== undefined) {
    return all.filter((network) => options.addresses!.includes(network.ip));
  }
  if (options.includeLoopback === true) return all;
  const outward = all.filter((network) => !network.loopback);
  return outward.length > 0 || options.includeLoopback === false ? outward : all;
}
