import { type Address, NEVER, seededEntropy } from "../base/mod.ts";
import { add32 } from "../base/mod.ts";
import type { CryptoProvider } from "../crypto/mod.ts";
import type { SrtpCipherProvider } from "../srtp/mod.ts";
import { HostError } from "./errors.ts";
import { afterThisTurn } from "./macrotask.ts";
import { MemoryHost } from "./memory_host.ts";
import type { MemorySocket } from "./memory_socket.ts";
import { type LinkConditions, VirtualLink } from "./virtual_link.ts";
import { VirtualTimers } from "./virtual_timers.ts";

/** How to make a {@linkcode VirtualNetwork}. */
export interface VirtualNetworkOptions {
  /** Same seed, same run: fate of every packet, and the entropy of every host. */
  readonly seed: number;
  /** Conditions between any two hosts, unless changed later; a perfect network by default. */
  readonly conditions?: LinkConditions;
  /** What the virtual wall clock shows at the start, Unix milliseconds. */
  readonly wallClockMs?: number;
}

/** Options of one host of a {@linkcode VirtualNetwork}. */
export interface VirtualHostOptions {
  /** Its cryptography; pure TypeScript by default, whose signatures are deterministic. */
  readonly crypto?: CryptoProvider;
  /** Its ciphers of SRTP; pure TypeScript by default. */
  readonly srtp?: SrtpCipherProvider;
  /** What its statistics say of these. */
  readonly cryptoFallback?: string;
}

/** What a packet carries through a link. */
export interface VirtualRoute {
  /** Who sent it. */
  readonly from: Address;
  /** Which socket is to get it. */
  readonly to: Address;
}

/** 2026-01-01: any fixed moment will do. */
const DEFAULT_WALL_CLOCK_MS = 1_767_225_600_000;

/** So many steps without the clock moving are taken for an endless exchange. */
const MAX_STEPS_PER_INSTANT = 100_000;

/**
 * Hosts on virtual time, with a seeded {@linkcode VirtualLink} per direction between any two of them.
 * Time stands still unless {@linkcode VirtualNetwork.advance} or {@linkcode VirtualNetwork.runUntil}
 * moves it from one due event to the next; between events every promise gets to run.
 *
 * @example
 * ```ts
 * import { VirtualNetwork } from "@sterna/webrtc/testing";
 *
 * const network = new VirtualNetwork({ seed: 1, conditions: { delayMs: 30, loss: 0.1 } });
 * const a = network.createHost("10.0.0.1");
 * a.setTimer(() => console.log(`an hour later: ${network.now()}`), 3_600_000);
 * await network.advance(3_600_000);
 * ```
 */
export class VirtualNetwork {
  readonly #seed: number;
  readonly #wallClockMs: number;
  #conditions: LinkConditions;
  readonly #hosts: MemoryHost[] = [];
  readonly #byIp = new Map<string, MemoryHost>();
  readonly #links = new Map<MemoryHost, Map<MemoryHost, VirtualLink<VirtualRoute>>>();
  readonly #partitions = new Map<MemoryHost, Set<MemoryHost>>();
  readonly #names = new Map<string, string>();
  readonly #timers = new VirtualTimers();
  #now = 0;
  /** Datagrams for an address that no host or socket has, or across a partition. */
  undeliverable = 0;

  /** An empty network at time 0. */
  constructor(options: VirtualNetworkOptions) {
    this.#seed = options.seed;
    this.#conditions = options.conditions ?? {};
    this.#wallClockMs = options.wallClockMs ?? DEFAULT_WALL_CLOCK_MS;
  }

  /** Virtual time, milliseconds since the start. */
  now(): number {
    return this.#now;
  }

  /** Virtual Unix milliseconds. */
  wallClock(): number {
    return this.#wallClockMs + this.#now;
  }

  /** The timers of all hosts. */
  get timers(): VirtualTimers {
    return this.#timers;
  }

  /**
   * Adds a host.
   *
   * @param addresses one or more IP addresses that no other host has; `127.…` and `::1` are loopback
   */
  createHost(addresses: string | readonly string[], options: VirtualHostOptions = {}): MemoryHost {
    const list = typeof addresses === "string" ? [addresses] : addresses;
    const entropy = seededEntropy(add32(this.#seed, 1000 + this.#hosts.length));
    const host = new MemoryHost(this, list, entropy, options);
    for (const { ip, loopback } of host.interfaces()) if (!loopback) this.assign(ip, host);
    this.#hosts.push(host);
    return host;
  }

  /** Routes an address to a host. Called by the host. */
  assign(ip: string, host: MemoryHost): void {
    if ((this.#byIp.get(ip) ?? host) !== host) throw new RangeError(`${ip} is taken`);
    this.#byIp.set(ip, host);
  }

  /** Changes the conditions between two hosts, both ways, for what is sent from here on. */
  setConditions(a: MemoryHost, b: MemoryHost, conditions: LinkConditions): void {
    this.#link(a, b).setConditions(conditions);
    this.#link(b, a).setConditions(conditions);
  }

  /** Changes the conditions of one direction. */
  setConditionsOneWay(from: MemoryHost, to: MemoryHost, conditions: LinkConditions): void {
    this.#link(from, to).setConditions(conditions);
  }

  /** Changes the conditions between all hosts. */
  setAllConditions(conditions: LinkConditions): void {
    this.#conditions = conditions;
    for (const [from, links] of this.#links) {
      for (const [to, link] of links) if (from !== to) link.setConditions(conditions);
    }
  }

  /** Cuts two hosts apart: what one sends the other does not get. */
  partition(a: MemoryHost, b: MemoryHost): void {
    this.#cutsOf(a).add(b);
    this.#cutsOf(b).add(a);
  }

  /** Undoes {@linkcode VirtualNetwork.partition}. */
  heal(a: MemoryHost, b: MemoryHost): void {
    this.#cutsOf(a).delete(b);
    this.#cutsOf(b).delete(a);
  }

  /** Lets every host resolve a `.local` name, or stop resolving it. */
  setMdnsName(name: string, ip: string | undefined): void {
    if (ip === undefined) this.#names.delete(name.toLowerCase());
    else this.#names.set(name.toLowerCase(), ip);
  }

  /** The address behind a `.local` name, if one was set. */
  lookUpName(name: string): string | undefined {
    return this.#names.get(name.toLowerCase());
  }

  /** Puts a datagram on its way. Called by sockets. */
  route(from: MemorySocket, bytes: Uint8Array, to: Address): void {
    const target = from.host.owns(to.ip) ? from.host : this.#byIp.get(to.ip);
    if (target === undefined || this.#cutsOf(from.host).has(target)) {
      this.undeliverable++;
      return;
    }
    this.#link(from.host, target).send(this.#now, bytes, { from: from.address, to });
  }

  /** Moves the clock on by `ms`, running everything that falls due, in order. */
  async advance(ms: number): Promise<void> {
    await this.#run(this.#now + ms, () => false);
  }

  /**
   * Runs until `predicate` holds, looking after every event.
   *
   * @param limitMs virtual milliseconds after which to give up
   * @returns whether it came to hold
   */
  runUntil(predicate: () => boolean, limitMs: number): Promise<boolean> {
    return this.#run(this.#now + limitMs, predicate);
  }

  async #run(end: number, stop: () => boolean): Promise<boolean> {
    await settle();
    let steps = 0;
    for (;;) {
      if (stop()) return true;
      const next = Math.min(this.#timers.next(), this.#nextArrival());
      if (next > end) break;
      if (next > this.#now) steps = 0;
      else if (++steps > MAX_STEPS_PER_INSTANT) {
        throw new HostError("limit", `an endless exchange at ${this.#now} ms`);
      }
      this.#now = Math.max(this.#now, next);
      if (!this.#deliver()) this.#timers.runOne(this.#now);
      await settle();
    }
    this.#now = end;
    return false;
  }

  #nextArrival(): number {
    let next = NEVER;
    for (const links of this.#links.values()) {
      for (const link of links.values()) next = Math.min(next, link.next());
    }
    return next;
  }

  /** Delivers what has arrived by now: one batch per receiving socket, as a real host would. */
  #deliver(): boolean {
    const touched = new Set<MemorySocket>();
    let delivered = false;
    for (const [, links] of this.#links) {
      for (const [target, link] of links) {
        for (let p = link.receive(this.#now); p !== undefined; p = link.receive(this.#now)) {
          delivered = true;
          const socket = target.socketAt(p.payload.to);
          if (socket === undefined) this.undeliverable++;
          else {
            socket.stage(p.bytes, p.payload.from);
            touched.add(socket);
          }
        }
      }
    }
    for (const socket of touched) socket.handUp();
    return delivered;
  }

  #link(from: MemoryHost, to: MemoryHost): VirtualLink<VirtualRoute> {
    let links = this.#links.get(from);
    if (links === undefined) this.#links.set(from, links = new Map());
    let link = links.get(to);
    if (link === undefined) {
      // A host reaches itself without the network.
      const seed = add32(this.#seed, 100_000 + 1000 * from.index + to.index);
      links.set(to, link = new VirtualLink(seed, from === to ? {} : this.#conditions));
    }
    return link;
  }

  /** How many hosts there are; the next one's index. */
  get hostCount(): number {
    return this.#hosts.length;
  }

  #cutsOf(host: MemoryHost): Set<MemoryHost> {
    let cuts = this.#partitions.get(host);
    if (cuts === undefined) this.#partitions.set(host, cuts = new Set());
    return cuts;
  }
}

/** Lets every microtask run, however long the chain of promises: only a macrotask comes after all. */
function settle(): Promise<void> {
  return new Promise(afterThisTurn);
}
