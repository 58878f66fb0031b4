import { type Address, internAddress, NEVER, releaseAddress, retainAddress } from "../base/mod.ts";
import {
  canPair,
  isMulticastName,
  isUnicast,
  type LocalCandidate,
  LocalCandidates,
  type RemoteCandidate,
  RemoteCandidates,
} from "./candidates.ts";
import { CheckList } from "./check_list.ts";
import { Consent } from "./consent.ts";
import type { AgentCore } from "./core.ts";
import { LocalCredentials, RemoteCredentials } from "./credentials.ts";
import { KnownRemotes } from "./known_remotes.ts";
import { MAX_EARLY_CHECKS, MAX_REMOTE_CANDIDATES } from "./limits.ts";
import { choosePair } from "./nomination.ts";
import type { CandidatePair } from "./pair.ts";
import type {
  IceCandidate,
  IceGathererState,
  IceLocalCandidateInit,
  IceParameters,
} from "./types.ts";

/** A check that came before the remote parameters did (RFC 8445 §7.3). */
export interface EarlyCheck {
  readonly from: Address;
  readonly base: object;
  /** The peer's fragment out of USERNAME. */
  readonly fragment: Uint8Array;
  readonly priority: number;
  useCandidate: boolean;
}

/**
 * One ICE session: from one pair of parameters to the next ICE restart (RFC 8445 §9). Data about
 * candidates, pairs and the selected one; `inbound.ts` and `outbound.ts` speak to the peer for it.
 */
export class IceSession {
  readonly local: LocalCredentials;
  remote: RemoteCredentials | undefined;
  readonly locals: LocalCandidates;
  readonly remotes: RemoteCandidates;
  readonly list: CheckList;
  readonly known: KnownRemotes = new KnownRemotes();
  readonly early: EarlyCheck[] = [];
  /** Candidates that came before their parameters did. */
  pending: IceCandidate[] = [];
  /** mDNS candidates that the owner resolves. */
  readonly resolving: Set<IceCandidate> = new Set();
  gathering: IceGathererState = "new";
  /** The peer said end-of-candidates (RFC 8838 §14). */
  remoteEnded = false;
  /** There was a remote candidate. */
  hasRemote = false;
  /** A pair is nominated: no more ordinary checks. */
  concluded = false;
  failed = false;
  selected: CandidatePair | undefined;
  consent: Consent | undefined;
  /** When the first pair became valid. */
  firstValidAt: number = NEVER;
  /** When a controlling agent stops hoping for a better pair. */
  nominateAt: number = NEVER;
  /** RFC 8863: before this, the session does not fail. */
  patienceUntil: number = NEVER;
  readonly #core: AgentCore;

  constructor(core: AgentCore, parameters: IceParameters) {
    this.#core = core;
    this.local = new LocalCredentials(core.crypto, parameters);
    this.locals = new LocalCandidates(core.numbers, parameters.usernameFragment);
    this.remotes = new RemoteCandidates(core.numbers, MAX_REMOTE_CANDIDATES);
    this.list = new CheckList(`CP${++core.sessionCount}-`);
  }

  /** Starts with the peer's parameters; whatever belonged to others is forgotten. */
  setRemote(now: number, parameters: IceParameters): void {
    const { crypto } = this.#core;
    const before = this.remote?.parameters;
    this.remote = new RemoteCredentials(crypto, parameters, this.local.parameters);
    if (before !== undefined) this.#forgetRemote();
    this.stayPatient(now);
    const pending = this.pending;
    this.pending = [];
    for (const candidate of pending) {
      if (this.isCurrent(candidate)) this.addRemote(now, candidate);
      else this.#core.drops.ignoredCandidates++;
    }
  }

  /** RFC 8863 §4: patience starts when checks can start, and anew with everything that comes. */
  stayPatient(now: number): void {
    if (this.remote !== undefined) this.patienceUntil = now + this.#core.timing.patienceMs;
  }

  /** Another fork or a provisional answer was taken back: our half stays, the peer's goes. */
  #forgetRemote(): void {
    this.#core.checks.deleteOf(this);
    this.list.clear();
    this.remotes.clear();
    this.known.clear();
    this.resolving.clear();
    this.remoteEnded =
      this.hasRemote =
      this.concluded =
      this.failed =
        false;
    this.firstValidAt = this.nominateAt = NEVER;
    this.consent = undefined;
    this.selected = undefined;
  }

  /** Whether a candidate belongs to the parameters that are set (RFC 8838 §9). */
  isCurrent(candidate: IceCandidate): boolean {
    const remote = this.remote?.parameters;
    const fragment = candidate.usernameFragment;
    return remote !== undefined &&
      (fragment === undefined || fragment === remote.usernameFragment);
  }

  /** Adds a gathered candidate and pairs it; `undefined` when it is redundant. */
  addLocal(now: number, init: IceLocalCandidateInit): LocalCandidate | undefined {
    const local = this.locals.add(init);
    if (local === undefined) return undefined;
    this.stayPatient(now);
    if (!this.concluded && !this.failed) {
      for (const remote of this.remotes.list) this.#form(local, remote);
    }
    return local;
  }

  /** Adds a signaled candidate, as soon as it has an address. */
  addRemote(now: number, candidate: IceCandidate): void {
    if (this.failed) return;
    if (candidate.component !== 1 || this.remotes.isFull) return this.#ignore();
    this.stayPatient(now);
    if (candidate.protocol === "tcp") {
      this.remotes.unchecked.push(candidate);
      return;
    }
    const address = internAddress(candidate.address, candidate.port);
    if (address !== undefined) this.addRemoteAddress(candidate, address);
    else if (isMulticastName(candidate.address) && this.resolving.size < MAX_REMOTE_CANDIDATES) {
      this.hasRemote = true;
      this.resolving.add(candidate);
      this.#core.emit({ type: "resolve", candidate });
    } else this.#ignore();
  }

  /** Adds a signaled candidate whose address is known, and pairs it. */
  addRemoteAddress(candidate: IceCandidate, address: Address): void {
    if (address.port === 0 || !isUnicast(address) || this.failed) return this.#ignore();
    const same = this.remotes.find(address);
    if (same !== undefined) return this.#update(same, candidate);
    if (this.remotes.isFull) return this.#ignore();
    this.hasRemote = true;
    const remote = this.remotes.add(candidate, address);
    if (!this.concluded) { for (const local of this.locals.list) this.#form(local, remote); }
  }

  /** RFC 8838 §11.4: a peer-reflexive candidate turns out to be one that the peer signals. */
  #update(remote: RemoteCandidate, candidate: IceCandidate): void {
    if (remote.candidate.type !== "prflx" || candidate.type === "prflx") return;
    remote.candidate = candidate;
    this.list.updatePairs(this.#core.controlling);
  }

  #form(local: LocalCandidate, remote: RemoteCandidate): void {
    const core = this.#core;
    const pair = this.list.form(local, remote, core.controlling);
    // RFC 8445 §8.2: two lite agents cannot check; what they signaled is what there is.
    if (pair !== undefined && core.lite && this.remote?.parameters.lite) {
      pair.state = "succeeded";
      pair.valid = pair.nominated = true;
      this.known.add(pair.address, pair.base);
    }
  }

  /** The pair for a request from that address, formed if there is none and room for it. */
  pairFor(from: Address, base: object, priority: number): CandidatePair | undefined {
    const pair = this.list.find(base, from);
    if (pair !== undefined) return pair;
    const local = this.locals.forBase(base, from.family);
    if (local === undefined || !canPair(local.address, from)) return undefined;
    let remote = this.remotes.find(from);
    if (remote === undefined) {
      if (this.remotes.isFull) return undefined;
      const { usernameFragment } = this.remote!.parameters;
      remote = this.remotes.addPeerReflexive(from, priority, usernameFragment);
      this.hasRemote = true;
    }
    return this.list.form(local, remote, this.#core.controlling);
  }

  /** Remembers a check that came too early (RFC 8445 §7.3). */
  addEarly(check: EarlyCheck): void {
    for (const one of this.early) {
      if (one.from === check.from && one.base === check.base) {
        one.useCandidate ||= check.useCandidate;
        return;
      }
    }
    if (this.early.length >= MAX_EARLY_CHECKS) return;
    retainAddress(check.from);
    this.early.push({ ...check, fragment: check.fragment.slice() });
    this.known.add(check.from, check.base);
  }

  /** Takes the early checks out. Their addresses stay interned until `release` was called. */
  takeEarly(): { checks: EarlyCheck[]; release: () => void } {
    const checks = this.early.splice(0);
    return {
      checks,
      release: () => checks.forEach((check) => releaseAddress(check.from)),
    };
  }

  /** Chooses where data goes; `true` when that has changed. */
  select(now: number): boolean {
    const core = this.#core;
    if (!this.concluded && this.list.pairs.some((pair) => pair.valid && pair.nominated)) {
      this.concluded = true;
      this.nominateAt = NEVER;
      this.list.conclude();
    }
    const pair = choosePair(now, this, core.controlling, core.timing.disconnectedMs);
    if (pair === this.selected) return false;
    this.selected = pair;
    this.consent = pair &&
      (core.lite && this.remote?.parameters.lite
        ? undefined
        : new Consent(now, pair, core.timing, core.entropy, core.lite));
    return true;
  }

  /** The pair does not work, or works no longer. */
  failPair(pair: CandidatePair): void {
    for (const one of pair.validPair && pair.validPair !== pair ? [pair, pair.validPair] : [pair]) {
      one.state = "failed";
      one.valid =
        one.nominated =
        one.nominating =
        one.nominateOnSuccess =
          false;
    }
    if (!this.list.pairs.some((one) => one.valid)) this.firstValidAt = NEVER;
  }

  #ignore(): void {
    this.#core.drops.ignoredCandidates++;
  }

  /** Lets everything go. */
  dispose(): void {
    this.#core.checks.deleteOf(this);
    this.takeEarly().release();
    this.list.clear();
    this.locals.clear();
    this.remotes.clear();
    this.known.clear();
    this.pending = [];
    this.resolving.clear();
    this.selected = undefined;
    this.consent = undefined;
    this.patienceUntil = this.nominateAt = NEVER;
  }
}
