/** ICE agents on a virtual network with NATs, on virtual time. */
import { type Address, internAddress, NEVER, seededEntropy } from "../../src/base/mod.ts";
import { tsCrypto } from "../../src/crypto/mod.ts";
import { type LinkConditions, VirtualLink } from "../../src/host/virtual_link.ts";
import {
  IceAgent,
  type IceAgentOptions,
  type IceCandidate,
  type IceEvent,
  type IceTransportState,
} from "../../src/ice/mod.ts";

export function addressOf(ip: string, port: number): Address {
  return internAddress(ip, port)!;
}

/** A NAT with address-and-port-dependent filtering, the kind that needs checks from both sides. */
export class Nat {
  readonly #outside = new Map<string, Address>();
  readonly #inside = new Map<Address, Address>();
  readonly #open = new Set<string>();
  #nextPort = 40000;
  readonly publicIp: string;
  readonly symmetric: boolean;

  /** @param symmetric whether every destination sees another port */
  constructor(publicIp: string, symmetric = false) {
    this.publicIp = publicIp;
    this.symmetric = symmetric;
  }

  outbound(from: Address, to: Address): Address {
    const key = this.symmetric
      ? `${from.ip}:${from.port}>${to.ip}:${to.port}`
      : `${from.ip}:${from.port}`;
    let outside = this.#outside.get(key);
    if (outside === undefined) {
      outside = addressOf(this.publicIp, this.#nextPort++);
      this.#outside.set(key, outside);
      this.#inside.set(outside, from);
    }
    this.#open.add(`${outside.port}<${to.ip}:${to.port}`);
    return outside;
  }

  inbound(from: Address, to: Address): Address | undefined {
    return this.#open.has(`${to.port}<${from.ip}:${from.port}`) ? this.#inside.get(to) : undefined;
  }
}

export interface Socket {
  readonly address: Address;
  readonly nat?: Nat;
  /** Nothing goes in or out. */
  dead?: boolean;
}

/** One agent with its sockets. */
export class Endpoint {
  readonly name: string;
  readonly sockets: Socket[];
  readonly agent: IceAgent;
  readonly events: IceEvent[] = [];
  readonly states: IceTransportState[] = [];
  readonly candidates: IceCandidate[] = [];
  sent = 0;
  peer: Endpoint | undefined;
  /** Whether candidates go to the peer by themselves. */
  trickle = true;

  constructor(
    name: string,
    seed: number,
    sockets: Socket[],
    options: Partial<IceAgentOptions> = {},
  ) {
    this.name = name;
    this.sockets = sockets;
    this.agent = new IceAgent({
      crypto: tsCrypto,
      entropy: seededEntropy(seed),
      controlling: false,
      now: 0,
      ...options,
    });
  }

  /** Gathers host candidates on all sockets. */
  gather(now: number): void {
    for (const socket of this.sockets) {
      this.agent.addLocalBase(now, { base: socket, type: "host", address: socket.address });
    }
    this.agent.setGatheringComplete(now);
  }

  eventsOf<T extends IceEvent["type"]>(type: T): Extract<IceEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<IceEvent, { type: T }> =>
      event.type === type
    );
  }
}

interface Route {
  readonly from: Address;
  readonly to: Address;
}

export class Network {
  now = 0;
  readonly seed: number;
  readonly link: VirtualLink<Route>;
  readonly transcript: string[] = [];
  readonly endpoints: Endpoint[] = [];
  /** Sees every packet before it flies; `false` drops it. */
  tap: ((bytes: Uint8Array, route: Route, sender: Endpoint) => boolean) | undefined;

  constructor(seed: number, conditions: LinkConditions = {}) {
    this.seed = seed;
    this.link = new VirtualLink<Route>(seed, conditions);
  }

  add(...endpoints: Endpoint[]): void {
    this.endpoints.push(...endpoints);
  }

  /** Drains an endpoint: packets to the link, candidates to its peer. */
  drain(endpoint: Endpoint): void {
    const { agent } = endpoint;
    for (let out = agent.pollTransmit(); out !== undefined; out = agent.pollTransmit()) {
      const socket = out.base as Socket;
      const from = socket.nat?.outbound(socket.address, out.to) ?? socket.address;
      const route = { from, to: out.to };
      endpoint.sent++;
      const [kind, id] = [out.bytes[0]! * 256 + out.bytes[1]!, out.bytes.subarray(8, 12).join(".")];
      this.transcript.push(
        `${this.now.toFixed(3)} ${endpoint.name} ${kind} ${id} > ${out.to.port}`,
      );
      if (socket.dead || this.tap?.(out.bytes, route, endpoint) === false) continue;
      this.link.send(this.now, out.bytes, route);
    }
    for (let event = agent.pollEvent(); event !== undefined; event = agent.pollEvent()) {
      endpoint.events.push(event);
      if (event.type === "state") endpoint.states.push(event.state);
      const { peer } = endpoint;
      if (event.type === "candidate") {
        endpoint.candidates.push(event.candidate);
        if (endpoint.trickle && peer) {
          peer.agent.addRemoteCandidate(this.now, event.candidate);
          this.drain(peer);
        }
      }
      if (event.type === "gathering" && event.state === "complete" && endpoint.trickle && peer) {
        peer.agent.setRemoteEndOfCandidates(this.now);
        this.drain(peer);
      }
    }
  }

  drainAll(): void {
    for (const endpoint of this.endpoints) this.drain(endpoint);
  }

  /** Delivers a packet as if it came from the network. */
  deliver(bytes: Uint8Array, { from, to }: Route): void {
    for (const endpoint of this.endpoints) {
      for (const socket of endpoint.sockets) {
        const inside = socket.nat === undefined
          ? to
          : to.ip === socket.nat.publicIp
          ? socket.nat.inbound(from, to)
          : undefined;
        if (inside !== socket.address || socket.dead) continue;
        endpoint.agent.handleInput(this.now, bytes, from, socket);
        return this.drain(endpoint);
      }
    }
  }

  /** Runs until nothing is to be done before `until`, or `done` says so. */
  run(until: number, done: () => boolean = () => false): void {
    this.drainAll();
    for (let steps = 0; !done(); steps++) {
      if (steps > 200_000) throw new Error(`seed ${this.seed}: the network does not come to rest`);
      let next = this.link.next();
      for (const { agent } of this.endpoints) next = Math.min(next, agent.pollTimeout());
      if (next > until || next === NEVER) {
        this.now = until;
        return;
      }
      this.now = Math.max(this.now, next);
      const packet = this.link.receive(this.now);
      if (packet !== undefined) {
        this.deliver(packet.bytes, packet.payload);
        continue;
      }
      for (const endpoint of this.endpoints) {
        if (endpoint.agent.pollTimeout() > this.now) continue;
        endpoint.agent.handleTimeout(this.now);
        this.drain(endpoint);
      }
    }
  }
}

/** Tells both sides of each other and gathers: as offer and answer that crossed at once. */
export function introduce(network: Network, a: Endpoint, b: Endpoint): void {
  a.peer = b;
  b.peer = a;
  a.agent.setRemoteParameters(network.now, b.agent.localParameters);
  b.agent.setRemoteParameters(network.now, a.agent.localParameters);
  a.gather(network.now);
  b.gather(network.now);
  network.drainAll();
}

export const isUp = (endpoint: Endpoint): boolean =>
  endpoint.agent.state === "connected" || endpoint.agent.state === "completed";
export const isDone = (endpoint: Endpoint): boolean => endpoint.agent.state === "completed";

/** Two agents with one socket each on an open network, introduced; `a` is controlling. */
export function pairUp(
  seed: number,
  conditions: LinkConditions = {},
  optionsA: Partial<IceAgentOptions> = {},
  optionsB: Partial<IceAgentOptions> = {},
): { network: Network; a: Endpoint; b: Endpoint } {
  const network = new Network(seed, conditions);
  const a = new Endpoint("a", 2 * seed + 1, [{ address: addressOf("192.0.2.1", 1001) }], {
    controlling: true,
    ...optionsA,
  });
  const b = new Endpoint("b", 2 * seed + 2, [{ address: addressOf("192.0.2.2", 1002) }], optionsB);
  network.add(a, b);
  return { network, a, b };
}
