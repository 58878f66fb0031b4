import { type Entropy, randomU32, Ring } from "../base/mod.ts";
import { StunReader, StunWriter } from "../stun/mod.ts";
import { CandidateNumbers } from "./candidates.ts";
import { OutstandingChecks } from "./checks.ts";
import type { IceCrypto } from "./credentials.ts";
import { Pacer } from "./pacer.ts";
import type { IceTiming } from "./timing.ts";
import { TransmitQueue } from "./transmit_queue.ts";
import type { IceEvent } from "./types.ts";

/** What an agent dropped, and why: for statistics, and to see an attack. */
export class IceDropCounters {
  /** Not well-formed, without a right FINGERPRINT, or not a Binding message. */
  malformed = 0;
  /** Requests and responses whose integrity is absent or wrong, or that name somebody else. */
  unauthenticated = 0;
  /** Responses to no request of ours. */
  unmatchedResponses = 0;
  /** Indications: they need no answer and change nothing. */
  indications = 0;
  /** Messages on a base that the session has no candidate of. */
  unknownBase = 0;
  /** Remote candidates that are not usable or too many. */
  ignoredCandidates = 0;
}

/** What the sessions of one agent share. */
export class AgentCore {
  readonly crypto: IceCrypto;
  readonly entropy: Entropy;
  readonly timing: IceTiming;
  readonly lite: boolean;
  readonly reader: StunReader = new StunReader();
  readonly writer: StunWriter = new StunWriter();
  readonly transmits: TransmitQueue = new TransmitQueue();
  readonly events: Ring<IceEvent> = new Ring<IceEvent>();
  readonly checks: OutstandingChecks = new OutstandingChecks();
  readonly numbers: CandidateNumbers = new CandidateNumbers();
  readonly drops: IceDropCounters = new IceDropCounters();
  /** Of ordinary checks. */
  readonly pacer: Pacer;
  /** Of triggered checks. */
  readonly triggeredPacer: Pacer;
  controlling: boolean;
  /** RFC 8445 §16.1: 64 random bits, in two halves. */
  tieBreakerHigh = 0;
  tieBreakerLow = 0;
  selectedPairChanges = 0;
  sessionCount = 0;

  constructor(
    crypto: IceCrypto,
    entropy: Entropy,
    timing: IceTiming,
    lite: boolean,
    controlling: boolean,
    now: number,
  ) {
    this.crypto = crypto;
    this.entropy = entropy;
    this.timing = timing;
    this.lite = lite;
    this.controlling = controlling;
    this.pacer = new Pacer(now, timing.paceMs, timing.burst);
    this.triggeredPacer = new Pacer(now, timing.paceMs, timing.triggeredBurst);
    this.newTieBreaker();
  }

  /** Draws a new tie-breaker. */
  newTieBreaker(): void {
    this.tieBreakerHigh = randomU32(this.entropy);
    this.tieBreakerLow = randomU32(this.entropy);
  }

  /** Whether our tie-breaker is larger than or equal to the peer's (RFC 8445 §7.3.1.1). */
  winsTie(high: number, low: number): boolean {
    return this.tieBreakerHigh > high ||
      (this.tieBreakerHigh === high && this.tieBreakerLow >= low);
  }

  /** Tells the owner. */
  emit(event: IceEvent): void {
    this.events.push(event);
  }
}
