import { type Address, DatagramBatch } from "../base/mod.ts";
import { PortRouter } from "../peer/mod.ts";
import { HostError } from "./errors.ts";
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
  /** Whether a STUN response answers a request of this receiver. */
  awaits(response: Uint8Array): boolean;
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

/** An address that gave no socket. */
export interface UdpFailure {
  /** The address, or `undefined` when there was none to try. */
  readonly ip: string | undefined;
  /** The port that was asked for; 0 means any. */
  readonly port: number;
  /** Why. */
  readonly error: Error;
}

/** What a port has to offer to a round of gathering. */
export interface UdpGathering {
  /** The sockets on the addresses that the host has now. */
  readonly bases: readonly UdpBase[];
  /** The addresses that gave none. */
  readonly failures: readonly UdpFailure[];
}

/** One UDP port on the addresses that its connections chose, for one of them or shared by many. */
export class UdpPort {
  /** Tells connections apart; unused while the port serves only one. */
  readonly router: PortRouter<UdpReceiver> = new PortRouter<UdpReceiver>(
    (receiver, response) => receiver.awaits(response),
  );
  readonly #host: Host;
  readonly #number: number;
  readonly #receivers = new Set<UdpReceiver>();
  readonly #bases: UdpBase[] = [];
  readonly #touched: UdpReceiver[] = [];
  /** Opening and closing, one after the other: a port is free again only when it was closed. */
  #busy: Promise<unknown> = Promise.resolve();

  /** Opens nothing yet. @param number 0 for any port, and one connection */
  constructor(host: Host, number: number) {
    this.#host = host;
    this.#number = number;
  }

  /** Whether the port serves, or may come to serve, more than one connection. */
  get shared(): boolean {
    return this.#number !== 0;
  }

  /**
   * Joins for a round of gathering. Looks at the host's addresses anew each time, and opens sockets
   * where there are none yet: an ICE restart finds an interface that appeared.
   */
  join(receiver: UdpReceiver, options: UdpOptions): Promise<UdpGathering> {
    this.#receivers.add(receiver);
    const gathering = this.#busy.then(() => this.#open(options));
    this.#busy = gathering.catch(() => {});
    return gathering;
  }

  /** Leaves; the last one closes the sockets. Whoever joins later finds them opened again. */
  leave(receiver: UdpReceiver): void {
    this.router.remove(receiver);
    if (!this.#receivers.delete(receiver) || this.#receivers.size > 0) return;
    const closing = this.#bases.splice(0).map((base) => base.socket.close());
    this.#busy = this.#busy.then(() => Promise.allSettled(closing));
  }

  async #open(options: UdpOptions): Promise<UdpGathering> {
    const all = this.#host.interfaces();
    const networks = chooseInterfaces(all, options);
    const port = this.#number;
    const unknown = options.addresses?.filter((ip) => !all.some((own) => own.ip === ip)) ??
      [];
    const failures: UdpFailure[] = unknown.map((ip) => ({
      ip,
      port,
      error: new HostError("bind", `${ip} is not an address of this machine`),
    }));
    if (networks.length === 0 && failures.length === 0) {
      const error = new HostError("bind", "this machine has no network address that may be used");
      failures.push({ ip: undefined, port, error });
    }
    await Promise.all(networks.map((network) => this.#openOn(network, failures)));
    const isUp = ({ network }: UdpBase): boolean => networks.some(({ ip }) => ip === network.ip);
    return { bases: this.#bases.filter(isUp), failures };
  }

  async #openOn(network: LocalInterface, failures: UdpFailure[]): Promise<void> {
    if (this.#bases.some((base) => base.network.ip === network.ip)) return;
    const { ip } = network, port = this.#number;
    let base: UdpBase | undefined;
    try {
      const socket = await this.#host.openUdp(
        { ip, port },
        (batch) => base !== undefined && this.#receive(base, batch),
        () => this.#failed(base),
      );
      base = new UdpBase(socket, network);
    } catch (cause) {
      // An address that cannot be bound (gone, or its port taken) gives no candidate.
      const error = cause instanceof Error ? cause : new HostError("bind", String(cause));
      failures.push({ ip, port, error });
      return;
    }
    // Everybody may have left meanwhile; the next one to join waits until the port is free.
    if (this.#receivers.size === 0) await base.socket.close();
    else this.#bases.push(base);
  }

  #receive(base: UdpBase, batch: DatagramBatch): void {
    const only = this.shared ? undefined : this.#receivers.values().next().value;
    const touched = this.#touched;
    try {
      for (let i = 0; i < batch.count; i++) {
        const bytes = batch.bytes[i]!;
        const from = batch.addresses[i]!;
        const receiver = only ?? this.router.route(bytes, from);
        if (receiver === undefined) continue;
        if (!touched.includes(receiver)) touched.push(receiver);
        receiver.receive(bytes, from, base);
      }
    } finally {
      this.#endBatch();
    }
  }

  /** Every receiver ends its step, whatever happens to another one. */
  #endBatch(): void {
    const receiver = this.#touched.pop();
    if (receiver === undefined) return;
    try {
      receiver.endBatch();
    } finally {
      this.#endBatch();
    }
  }

  /** ICE notices by itself that checks and consent on a dead socket go unanswered (RFC 7675). */
  #failed(base: UdpBase | undefined): void {
    const index = base === undefined ? -1 : this.#bases.indexOf(base);
    if (index >= 0) this.#bases.splice(index, 1);
  }
}

const sharedPorts = new WeakMap<Host, Map<number, UdpPort>>();

/** The UDP port of that number: the one that others share, or a new one; for 0 always a new one. */
export function udpPortFor(host: Host, number: number): UdpPort {
  if (number === 0) return new UdpPort(host, number);
  let ports = sharedPorts.get(host);
  if (ports === undefined) sharedPorts.set(host, ports = new Map());
  let port = ports.get(number);
  if (port === undefined) ports.set(number, port = new UdpPort(host, number));
  return port;
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
