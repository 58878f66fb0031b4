import type { IceDropCounters } from "./core.ts";
import type { CandidatePair, IceCandidatePairState } from "./pair.ts";
import type { IceSession } from "./session.ts";
import type { IceCandidate, IceTransportState } from "./types.ts";

/** One candidate in statistics. */
export interface IceCandidateStats {
  /** Unique within the agent. */
  readonly id: string;
  /** As signaled, or as found by checks. */
  readonly candidate: IceCandidate;
}

/** One pair: the fields of W3C `RTCIceCandidatePairStats` that ICE knows. Times in milliseconds. */
export interface IceCandidatePairStats {
  /** Unique within the agent. */
  readonly id: string;
  /** The id in `localCandidates`. */
  readonly localCandidateId: string;
  /** The id in `remoteCandidates`. */
  readonly remoteCandidateId: string;
  /** RFC 8445 §6.1.2.6. */
  readonly state: IceCandidatePairState;
  /** Whether the controlling agent chose it. */
  readonly nominated: boolean;
  /** Whether data goes over it now. */
  readonly selected: boolean;
  /** Connectivity checks, without retransmissions. */
  readonly requestsSent: number;
  /** Authenticated checks of the peer, its consent checks among them. */
  readonly requestsReceived: number;
  /** Success responses to those. */
  readonly responsesSent: number;
  /** Responses to connectivity and consent checks. */
  readonly responsesReceived: number;
  /** Consent checks. */
  readonly consentRequestsSent: number;
  /** Sum of all that were measured. */
  readonly totalRoundTripTimeMs: number;
  /** `undefined` when none was measured. */
  readonly currentRoundTripTimeMs: number | undefined;
}

/** What an agent counts. A snapshot. */
export interface IceStats {
  /** The state of the transport. */
  readonly state: IceTransportState;
  /** Our role. */
  readonly controlling: boolean;
  /** Of the current session. */
  readonly localUsernameFragment: string;
  /** The pair that data goes over. */
  readonly selectedCandidatePairId: string | undefined;
  /** How often data got another way, the first one counted. */
  readonly selectedCandidatePairChanges: number;
  /** Gathered ones and those that checks found. */
  readonly localCandidates: readonly IceCandidateStats[];
  /** Signaled ones with an address and those that checks found. */
  readonly remoteCandidates: readonly IceCandidateStats[];
  /** The checklist, and the selected pair if that is of an older session. */
  readonly pairs: readonly IceCandidatePairStats[];
  /** What was dropped, and why. */
  readonly drops: Readonly<IceDropCounters>;
  /** How much is kept on behalf of the peer: bounded, see `limits.ts`. */
  readonly kept: {
    /** Transactions that are out. */
    readonly checks: number;
    /** Checks that wait for the remote parameters. */
    readonly earlyChecks: number;
    /** Addresses that proved to be the peer's. */
    readonly knownRemotes: number;
    /** Candidates that wait for the remote parameters. */
    readonly pendingCandidates: number;
  };
}

/** Statistics of the candidates and pairs of a session. */
export function sessionStats(
  session: IceSession,
  selected: CandidatePair | undefined,
): Pick<IceStats, "localCandidates" | "remoteCandidates" | "pairs"> {
  const { locals, remotes, list } = session;
  const pairs = list.pairs.map((pair) => pairStats(pair, selected));
  if (selected !== undefined && !list.pairs.includes(selected)) {
    pairs.push(pairStats(selected, selected));
  }
  return {
    localCandidates: locals.list.map(({ id, candidate }) => ({ id, candidate })),
    remoteCandidates: remotes.list.map(({ id, candidate }) => ({ id, candidate })),
    pairs,
  };
}

function pairStats(
  pair: CandidatePair,
  selected: CandidatePair | undefined,
): IceCandidatePairStats {
  const { currentRoundTripTimeMs, ...counters } = pair.counters;
  return {
    id: pair.id,
    localCandidateId: pair.localSide.id,
    remoteCandidateId: pair.remoteSide.id,
    state: pair.state,
    nominated: pair.nominated,
    selected: pair === selected,
    ...counters,
    currentRoundTripTimeMs: currentRoundTripTimeMs < 0 ? undefined : currentRoundTripTimeMs,
  };
}
