import { type Address, releaseAddress, retainAddress } from "../base/mod.ts";
import { MAX_LOCAL_CANDIDATES } from "./limits.ts";
import { candidatePriority, MAX_LOCAL_PREFERENCE, peerReflexivePriority } from "./priority.ts";
import type { IceCandidate, IceLocalCandidateInit } from "./types.ts";

/** A candidate of ours. Its address stays interned while it lives. */
export class LocalCandidate {
  readonly id: string;
  readonly candidate: IceCandidate;
  readonly base: object;
  readonly address: Address;
  /** PRIORITY of checks from this candidate (RFC 8445 §7.1.1). */
  readonly checkPriority: number;
  /** Whether checks are sent from it: reflexive ones are pruned to their base (RFC 8445 §6.1.2.4). */
  readonly checks: boolean;

  constructor(id: string, candidate: IceCandidate, base: object, address: Address) {
    this.id = id;
    this.candidate = candidate;
    this.base = base;
    this.address = address;
    this.checkPriority = peerReflexivePriority(candidate.priority);
    this.checks = candidate.protocol === "udp" &&
      (candidate.type === "host" || candidate.type === "relay");
    retainAddress(address);
  }
}

/** A candidate of the peer with an address. Its address stays interned while it lives. */
export class RemoteCandidate {
  readonly id: string;
  readonly address: Address;
  /** Replaced when a peer-reflexive one is signaled later (RFC 8838 §11.4). */
  candidate: IceCandidate;

  constructor(id: string, candidate: IceCandidate, address: Address) {
    this.id = id;
    this.candidate = candidate;
    this.address = address;
    retainAddress(address);
  }
}

/** What outlives an ICE restart: numbers for ids and foundations. */
export class CandidateNumbers {
  readonly #foundations = new Map<string, string>();
  #localCount = 0;
  #remoteCount = 0;

  /** A new id for a local candidate in statistics. */
  localId(): string {
    return `IL${++this.#localCount}`;
  }

  /** A new id for a remote candidate in statistics. */
  remoteId(): string {
    return `IR${++this.#remoteCount}`;
  }

  /**
   * RFC 8445 §5.1.1.3: equal for the same type, IP address of the base, protocol and server. A
   * running number: a hash would tell the address that an mDNS name hides.
   */
  foundation(type: string, baseIp: string, protocol: string, url = ""): string {
    const key = `${type} ${baseIp} ${protocol} ${url}`;
    let foundation = this.#foundations.get(key);
    if (foundation === undefined) {
      this.#foundations.set(key, foundation = String(this.#foundations.size + 1));
    }
    return foundation;
  }
}

/** The local candidates of one session. */
export class LocalCandidates {
  readonly list: LocalCandidate[] = [];
  readonly #numbers: CandidateNumbers;
  readonly #usernameFragment: string;
  readonly #count = { 4: 0, 6: 0 };

  constructor(numbers: CandidateNumbers, usernameFragment: string) {
    this.#numbers = numbers;
    this.#usernameFragment = usernameFragment;
  }

  /** Adds a gathered candidate; `undefined` when it is redundant (RFC 8445 §5.1.3). */
  add(init: IceLocalCandidateInit): LocalCandidate | undefined {
    const { base, type, address, protocol = "udp", relatedAddress, tcpType, url, name } = init;
    for (const one of this.list) {
      if (one.base === base && one.address === address && one.candidate.type === type) return;
    }
    const baseIp = type === "srflx" && relatedAddress ? relatedAddress.ip : address.ip;
    const candidate: IceCandidate = {
      foundation: this.#numbers.foundation(type, baseIp, protocol, url),
      component: 1,
      protocol,
      priority: candidatePriority(type, init.localPreference ?? this.#preference(address), tcpType),
      address: name ?? address.ip,
      port: address.port,
      type,
      ...(relatedAddress &&
        { relatedAddress: relatedAddress.ip, relatedPort: relatedAddress.port }),
      ...(tcpType && { tcpType }),
      ...(url !== undefined && { url }),
      usernameFragment: this.#usernameFragment,
    };
    return this.#keep(new LocalCandidate(this.#numbers.localId(), candidate, base, address));
  }

  /** RFC 8421 §4: IPv6 first, then both families in turn, in the order of addition. */
  #preference(address: Address): number {
    const rank = 2 * this.#count[address.family]++ + (address.family === 6 ? 0 : 1);
    return Math.max(0, MAX_LOCAL_PREFERENCE - rank);
  }

  /** RFC 8445 §7.2.5.3.1: the address that a peer saw our check come from, when it is a new one. */
  addPeerReflexive(address: Address, of: LocalCandidate): LocalCandidate {
    const candidate: IceCandidate = {
      foundation: this.#numbers.foundation("prflx", of.address.ip, of.candidate.protocol),
      component: 1,
      protocol: of.candidate.protocol,
      priority: of.checkPriority,
      address: address.ip,
      port: address.port,
      type: "prflx",
      relatedAddress: of.candidate.address,
      relatedPort: of.address.port,
      usernameFragment: this.#usernameFragment,
    };
    return this.#keep(new LocalCandidate(this.#numbers.localId(), candidate, of.base, address));
  }

  /** Whether another peer-reflexive one would be too many. */
  get isFull(): boolean {
    return this.list.length >= MAX_LOCAL_CANDIDATES;
  }

  #keep(local: LocalCandidate): LocalCandidate {
    this.list.push(local);
    return local;
  }

  /** The candidate that checks from `base` to addresses of that family are sent from. */
  forBase(base: object, family: 4 | 6): LocalCandidate | undefined {
    for (const one of this.list) {
      if (one.checks && one.base === base && one.address.family === family) return one;
    }
    return undefined;
  }

  /** The candidate with that address on that base. */
  find(address: Address, base: object): LocalCandidate | undefined {
    for (const one of this.list) if (one.address === address && one.base === base) return one;
    return undefined;
  }

  /** Lets the addresses go. */
  clear(): void {
    for (const one of this.list) releaseAddress(one.address);
    this.list.length = 0;
  }
}

/** The remote candidates of one session, at most {@linkcode MAX_REMOTE_CANDIDATES}. */
export class RemoteCandidates {
  readonly list: RemoteCandidate[] = [];
  /** Candidates that are not checked: over TCP. */
  readonly unchecked: IceCandidate[] = [];
  readonly #byAddress = new Map<Address, RemoteCandidate>();
  readonly #numbers: CandidateNumbers;
  readonly #limit: number;

  constructor(numbers: CandidateNumbers, limit: number) {
    this.#numbers = numbers;
    this.#limit = limit;
  }

  /** Whether another one would be too many. */
  get isFull(): boolean {
    return this.list.length + this.unchecked.length >= this.#limit;
  }

  /** The candidate with that address. */
  find(address: Address): RemoteCandidate | undefined {
    return this.#byAddress.get(address);
  }

  /** Adds a signaled one; the caller has looked for its address and for room. */
  add(candidate: IceCandidate, address: Address): RemoteCandidate {
    const remote = new RemoteCandidate(this.#numbers.remoteId(), candidate, address);
    this.list.push(remote);
    this.#byAddress.set(address, remote);
    return remote;
  }

  /** RFC 8445 §7.3.1.3: a check came from an address that was not signaled. */
  addPeerReflexive(address: Address, priority: number, usernameFragment: string): RemoteCandidate {
    const id = this.#numbers.remoteId();
    return this.add({
      foundation: `prflx${id}`,
      component: 1,
      protocol: "udp",
      priority,
      address: address.ip,
      port: address.port,
      type: "prflx",
      usernameFragment,
    }, address);
  }

  /** Lets the addresses go. */
  clear(): void {
    for (const one of this.list) releaseAddress(one.address);
    this.list.length = 0;
    this.#byAddress.clear();
  }
}

/** fe80::/10 */
function isLinkLocal(address: Address): boolean {
  return address.family === 6 && address.bytes[0] === 0xfe && (address.bytes[1]! & 0xc0) === 0x80;
}

/** RFC 8445 §6.1.2.2: same family, and IPv6 link-local addresses only with each other. */
export function canPair(local: Address, remote: Address): boolean {
  return local.family === remote.family && isLinkLocal(local) === isLinkLocal(remote);
}

/**
 * Whether checks may go to an address. Multicast and broadcast would turn one check into many, and
 * nobody has the unspecified address (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2, §2.7; RFC 8445 §19.5.1).
 */
export function isUnicast(address: Address): boolean {
  const { bytes } = address;
  if (address.family === 4) return isUnicast4(bytes[0]!);
  if (bytes[0] === 0xff) return false;
  if (address.ip.startsWith("::ffff:") && address.ip.includes(".")) return isUnicast4(bytes[12]!);
  return address.ip !== "::";
}

function isUnicast4(first: number): boolean {
  return first > 0 && first < 224;
}

/**
 * Whether a name is to be resolved by multicast DNS: one label and ".local"
 * (draft-ietf-mmusic-mdns-ice-candidates §3.2.1). Other names are ignored (RFC 8839 §5.1).
 */
export function isMulticastName(name: string): boolean {
  return /^[^.]{1,63}\.local$/i.test(name);
}
