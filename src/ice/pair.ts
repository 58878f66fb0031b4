import type { Address } from "../base/mod.ts";
import type { LocalCandidate, RemoteCandidate } from "./candidates.ts";
import type { Check } from "./checks.ts";
import { pairPriority } from "./priority.ts";
import type { IceCandidate, IceSelectedPair } from "./types.ts";

/** RFC 8445 §6.1.2.6. */
export type IceCandidatePairState =
  | "frozen"
  | "waiting"
  | "in-progress"
  | "succeeded"
  | "failed";

/** Counters of `RTCIceCandidatePairStats` that ICE keeps. */
export class PairCounters {
  requestsSent = 0;
  requestsReceived = 0;
  responsesSent = 0;
  responsesReceived = 0;
  consentRequestsSent = 0;
  /** Sum of all measured round trips, milliseconds. */
  totalRoundTripTimeMs = 0;
  /** The last one, milliseconds; −1 when none was measured. */
  currentRoundTripTimeMs = -1;
}

/** A local and a remote candidate. As an {@linkcode IceSelectedPair} it says where data goes. */
export class CandidatePair implements IceSelectedPair {
  readonly id: string;
  readonly localSide: LocalCandidate;
  readonly remoteSide: RemoteCandidate;
  readonly base: object;
  readonly address: Address;
  readonly counters: PairCounters = new PairCounters();
  /** RFC 8445 §6.1.2.6: pairs of one foundation are checked one after the other. */
  foundation = "";
  /** Upper and lower half of the priority (RFC 8445 §6.1.2.3). */
  high = 0;
  low = 0;
  state: IceCandidatePairState = "frozen";
  /** On the valid list (RFC 8445 §7.2.5.3.2). */
  valid = false;
  nominated = false;
  /** The peer asked for it while our own check was still out (RFC 8445 §7.3.1.5). */
  nominateOnSuccess = false;
  /** We are about to nominate it: its next check carries USE-CANDIDATE. */
  nominating = false;
  /** The valid pair that the check of this one made, often itself (RFC 8445 §7.2.5.3.2). */
  validPair: CandidatePair | undefined;
  /** The pair whose check made this one valid. */
  checkedAs: CandidatePair = this;
  /** The check that is out. */
  check: Check | undefined;
  /** How often its check was started anew. */
  retriggers = 0;
  /** When an authenticated message came last, milliseconds. */
  lastReceivedAt: number = -Infinity;

  constructor(id: string, local: LocalCandidate, remote: RemoteCandidate, controlling: boolean) {
    this.id = id;
    this.localSide = local;
    this.remoteSide = remote;
    this.base = local.base;
    this.address = remote.address;
    this.update(controlling);
  }

  /** The local candidate. */
  get local(): IceCandidate {
    return this.localSide.candidate;
  }

  /** The remote candidate. */
  get remote(): IceCandidate {
    return this.remoteSide.candidate;
  }

  /** Whether a check is still to come or out. */
  get unfinished(): boolean {
    return this.state === "waiting" || this.state === "in-progress" || this.state === "frozen";
  }

  /** Computes priority and foundation anew: roles or candidates have changed. */
  update(controlling: boolean): void {
    this.foundation = `${this.local.foundation}:${this.remote.foundation}`;
    const ours = this.local.priority, theirs = this.remote.priority;
    const { high, low } = controlling ? pairPriority(ours, theirs) : pairPriority(theirs, ours);
    this.high = high;
    this.low = low;
  }

  /** Takes a measured round trip. */
  measured(roundTripMs: number): void {
    this.counters.totalRoundTripTimeMs += roundTripMs;
    this.counters.currentRoundTripTimeMs = roundTripMs;
  }
}
