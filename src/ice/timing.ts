/** The clocks of an agent, milliseconds unless said. Every field has a default. */
export interface IceTiming {
  /** Ta: time between two ordinary checks. */
  readonly paceMs: number;
  /** How many ordinary checks may go out at once after a pause. */
  readonly burst: number;
  /** How many triggered checks may go out at once after a pause. */
  readonly triggeredBurst: number;
  /** The least RTO of a check. */
  readonly minRtoMs: number;
  /** Rc: how often a check is sent in all. */
  readonly checkRequests: number;
  /** Rm: how many RTOs to wait for a response after the last one. */
  readonly checkFinalWait: number;
  /** How long a controlling agent hopes for a better pair once it has a valid one. */
  readonly nominationWaitMs: number;
  /** How long an agent without a valid pair refrains from failing. */
  readonly patienceMs: number;
  /** Time between two consent checks, before it is randomized by 0.8 … 1.2. */
  readonly consentIntervalMs: number;
  /** Time between two consent checks while none is answered. */
  readonly consentProbeMs: number;
  /** How long consent lasts. */
  readonly consentExpiryMs: number;
  /** How long consent checks may go unanswered before the state is "disconnected". */
  readonly disconnectedMs: number;
}

/** The defaults. */
export const ICE_TIMING: IceTiming = {
  /** RFC 8445 §14.2: the recommended Ta, which browsers use too. */
  paceMs: 50,
  /**
   * Our choice: Ta spares NATs and the path a burst of new flows. Four checks are 500 bytes, less
   * than one packet of a page load, and no checklist of two hosts with two interfaces has to wait.
   * Over time the rate is that of Ta.
   */
  burst: 4,
  /**
   * Our choice: a peer's own burst, and as many nominations. A peer that forges source addresses makes
   * us send no more than this to them, and one check each Ta.
   */
  triggeredBurst: 8,
  /** RFC 8445 §14.3. */
  minRtoMs: 500,
  /** RFC 8489 §6.2.1. */
  checkRequests: 7,
  /** RFC 8489 §6.2.1. */
  checkFinalWait: 16,
  /**
   * Our choice: two Ta, so that checks in flight come back. Data flows on the valid pair meanwhile
   * (RFC 8445 §12.1), but some peers start DTLS only when a pair is nominated, so it must be short.
   */
  nominationWaitMs: 100,
  /** RFC 8863 §4: as long as a check with default timers takes to fail. */
  patienceMs: 39_500,
  /** RFC 7675 §5.1. */
  consentIntervalMs: 5_000,
  /** Our choice: five probes tell a lost packet from a lost path before "disconnected" is said. */
  consentProbeMs: 1_000,
  /** RFC 7675 §5.1. */
  consentExpiryMs: 30_000,
  /** Our choice, as browsers do. */
  disconnectedMs: 5_000,
};
