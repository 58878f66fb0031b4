import { type Address, type Entropy, releaseAddress, retainAddress } from "../base/mod.ts";
import { type CryptoProvider, tsCrypto } from "../crypto/mod.ts";
import { type SrtpCipherProvider, tsSrtp } from "../srtp/mod.ts";
import { HostError } from "./errors.ts";
import type {
  Host,
  LocalInterface,
  TimerHandle,
  UdpFailed,
  UdpOpenOptions,
  UdpReceive,
  UdpSocket,
} from "./host.ts";
import { boundAddress, localDatagramSize, usableInterface } from "./interfaces.ts";
import { MemorySocket } from "./memory_socket.ts";
import type { VirtualHostOptions, VirtualNetwork } from "./virtual_network.ts";

/** RFC 6335 §6: dynamic ports start here. */
const FIRST_DYNAMIC_PORT = 49_152;

/** A host of a {@linkcode VirtualNetwork}, which makes it. */
export class MemoryHost implements Host {
  readonly name = "memory";
  readonly crypto: CryptoProvider;
  readonly srtp: SrtpCipherProvider;
  readonly cryptoFallback: string | undefined;
  readonly entropy: Entropy;
  /** The network it is on. */
  readonly network: VirtualNetwork;
  /** Its number there. */
  readonly index: number;
  #interfaces: readonly LocalInterface[];
  readonly #sockets = new Map<Address, MemorySocket>();
  #nextPort = FIRST_DYNAMIC_PORT;

  /** Use {@linkcode VirtualNetwork.createHost}. */
  constructor(
    network: VirtualNetwork,
    addresses: readonly string[],
    entropy: Entropy,
    { crypto = tsCrypto, srtp = tsSrtp, cryptoFallback }: VirtualHostOptions,
  ) {
    this.network = network;
    this.index = network.hostCount;
    this.crypto = crypto;
    this.srtp = srtp;
    this.cryptoFallback = cryptoFallback;
    this.entropy = entropy;
    this.#interfaces = addresses.map((address, i) => {
      const usable = usableInterface(`eth${i}`, address);
      if (usable === undefined) throw new RangeError(`not a usable address: ${address}`);
      return usable;
    });
  }

  /** How many sockets are open: none, after everything is closed. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  now(): number {
    return this.network.now();
  }

  wallClock(): number {
    return this.network.wallClock();
  }

  setTimer(callback: () => void, delayMs: number): TimerHandle {
    return this.network.timers.set(this.now() + Math.max(0, delayMs), callback);
  }

  clearTimer(handle: TimerHandle): void {
    this.network.timers.clear(handle);
  }

  interfaces(): readonly LocalInterface[] {
    return this.#interfaces;
  }

  /** Adds an address, as when a cable is plugged in. */
  addAddress(ip: string): void {
    const usable = usableInterface(`eth${this.#interfaces.length}`, ip);
    if (usable === undefined) throw new RangeError(`not a usable address: ${ip}`);
    this.network.assign(usable.ip, this);
    this.#interfaces = [...this.#interfaces, usable];
  }

  /** Takes an address away, as when a cable is pulled; its sockets fail silently. */
  removeAddress(ip: string): void {
    this.#interfaces = this.#interfaces.filter((own) => own.ip !== ip);
    for (const socket of [...this.#sockets.values()]) if (socket.address.ip === ip) socket.close();
  }

  /** Whether `ip` is one of its addresses. */
  owns(ip: string): boolean {
    return this.#interfaces.some((own) => own.ip === ip);
  }

  /** The socket bound to `address`. */
  socketAt(address: Address): MemorySocket | undefined {
    return this.#sockets.get(address);
  }

  async openUdp(
    options: UdpOpenOptions,
    receive: UdpReceive,
    _failed: UdpFailed,
  ): Promise<UdpSocket> {
    await Promise.resolve(); // as late as a real host, at the earliest
    if (!this.owns(options.ip)) throw new HostError("bind", `${options.ip} is not an own address`);
    const address = this.#freeAddress(options.ip, options.port ?? 0);
    if (this.#sockets.has(address)) throw new HostError("bind", `port ${address.port} is taken`);
    const socket = new MemorySocket(this, address, receive);
    retainAddress(address);
    this.#sockets.set(address, socket);
    return socket;
  }

  /** Forgets a closed socket. Called by it. */
  release(socket: MemorySocket): void {
    if (this.#sockets.delete(socket.address)) releaseAddress(socket.address);
  }

  async resolveMdns(name: string): Promise<string | undefined> {
    await Promise.resolve();
    return this.network.lookUpName(name);
  }

  maxDatagramSize(local: Address, remote: Address): number | undefined {
    return localDatagramSize(this.#interfaces, local, remote);
  }

  #freeAddress(ip: string, port: number): Address {
    if (port !== 0) return boundAddress(ip, port);
    let address = boundAddress(ip, this.#nextPort++);
    while (this.#sockets.has(address)) address = boundAddress(ip, this.#nextPort++);
    return address;
  }
}
