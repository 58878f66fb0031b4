import { type Address, equalBytes, internAddress, NEVER } from "../base/mod.ts";
import { StunClass } from "../stun/mod.ts";
import type { IceAgentOptions } from "./agent_options.ts";
import type { Check } from "./checks.ts";
import { AgentCore } from "./core.ts";
import { generateIceParameters } from "./credentials.ts";
import { takeCheck } from "./inbound.ts";
import { MAX_REMOTE_CANDIDATES } from "./limits.ts";
import { nominate } from "./nomination.ts";
import { handleCheckTimeout, keepConsent, sendDueChecks } from "./outbound.ts";
import type { CandidatePair } from "./pair.ts";
import { receive } from "./receive.ts";
import { switchRole } from "./role.ts";
import { IceSession } from "./session.ts";
import { type IceStats, sessionStats } from "./stats.ts";
import { ICE_TIMING } from "./timing.ts";
import { hasFailed, transportState } from "./transport_state.ts";
import type {
  IceCandidate,
  IceEvent,
  IceGathererState,
  IceLocalCandidateInit,
  IceParameters,
  IceSelectedPair,
  IceTransmit,
  IceTransportState,
} from "./types.ts";

/**
 * A full ICE agent (RFC 8445) for one component, with trickle (RFC 8838), consent freshness
 * (RFC 7675), patience (RFC 8863) and ICE restart; or a lite one. No sockets, no clock: datagrams in
 * with {@linkcode IceAgent.handleInput}, then drain `pollTransmit` and `pollEvent`, then arm
 * `pollTimeout`.
 *
 * @example
 * ```ts
 * import { IceAgent } from "@sterna/webrtc/ice";
 * import { createHmac } from "node:crypto";
 *
 * const agent = new IceAgent({
 *   crypto: {
 *     createHmac: (_, key) => ({
 *       sign: (...parts) => {
 *         const mac = createHmac("sha1", key);
 *         for (const part of parts) mac.update(part);
 *         return mac.digest();
 *       },
 *     }),
 *   },
 *   entropy: (out) => crypto.getRandomValues(out),
 *   controlling: true,
 *   now: performance.now(),
 * });
 * console.log(agent.localParameters.usernameFragment.length, agent.state); // 8 new
 * ```
 */
export class IceAgent {
  readonly #core: AgentCore;
  #session: IceSession;
  /** The session before an ICE restart: it carries data until the new one has a pair. */
  #previous: IceSession | undefined;
  /** When the previous session stops answering. */
  #retireAt: number = NEVER;
  #paceAt: number = NEVER;
  /** The time of the last call. */
  #now: number;
  #state: IceTransportState = "new";
  #selected: CandidatePair | undefined;
  readonly #onCheckDue = (check: Check): void => handleCheckTimeout(this.#core, check);

  /** Makes an agent in state "new". @throws {IceError} `invalid-parameters` */
  constructor(options: IceAgentOptions) {
    const { crypto, entropy, controlling, lite = false, now, timing } = options;
    this.#now = now;
    this.#core = new AgentCore(
      crypto,
      entropy,
      { ...ICE_TIMING, ...timing },
      lite,
      controlling,
      now,
    );
    this.#session = new IceSession(
      this.#core,
      options.localParameters ?? generateIceParameters(entropy, lite),
    );
  }

  /** What to signal to the peer. */
  get localParameters(): IceParameters {
    return this.#session.local.parameters;
  }

  /** What the peer signaled, once set. */
  get remoteParameters(): IceParameters | undefined {
    return this.#session.remote?.parameters;
  }

  /** Whether our role is controlling. */
  get controlling(): boolean {
    return this.#core.controlling;
  }

  /** The state of the transport. */
  get state(): IceTransportState {
    return this.#state;
  }

  /** The state of gathering. */
  get gatheringState(): IceGathererState {
    return this.#session.gathering;
  }

  /** Where data goes now; `undefined`: nothing may be sent. Stays the same object while selected. */
  get selectedPair(): IceSelectedPair | undefined {
    return this.#selected;
  }

  /** The candidates that were gathered, without those that checks found. */
  get localCandidates(): IceCandidate[] {
    return this.#session.locals.list.map((one) => one.candidate)
      .filter((candidate) => candidate.type !== "prflx");
  }

  /** The candidates that the peer signaled, without those that checks found. */
  get remoteCandidates(): IceCandidate[] {
    const { list, unchecked } = this.#session.remotes;
    return [...list.map((one) => one.candidate), ...unchecked]
      .filter((candidate) => candidate.type !== "prflx");
  }

  /**
   * Whether `address` has sent an authenticated check to `base` or answered one: DTLS from there is
   * the peer's or a replay, and may be looked at. One look-up by identity.
   */
  isKnownRemote(address: Address, base: object): boolean {
    return this.#session.known.has(address, base) ||
      (this.#previous?.known.has(address, base) ?? false);
  }

  /** Takes a role, as the offer/answer exchange gives it: before checks start. */
  setControlling(controlling: boolean): void {
    if (this.#state === "closed" || controlling === this.#core.controlling) return;
    switchRole(this.#core, this.#session, controlling);
  }

  /**
   * Takes the peer's parameters and starts checks. The same parameters again change nothing; others
   * without a {@linkcode IceAgent.restart} replace them and all that the peer signaled.
   *
   * @throws {IceError} `invalid-parameters`
   */
  setRemoteParameters(now: number, parameters: IceParameters): void {
    const core = this.#core, session = this.#session;
    if (this.#state === "closed") return;
    const before = session.remote?.parameters;
    if (
      before?.usernameFragment === parameters.usernameFragment &&
      before.password === parameters.password
    ) return;
    session.setRemote(now, parameters);
    // RFC 8445 §6.1.1: of a full and a lite agent, the full one is controlling.
    if (core.lite !== parameters.lite) this.setControlling(!core.lite);
    const { checks, release } = session.takeEarly();
    for (const check of checks) {
      if (equalBytes(check.fragment, session.remote!.fragment)) {
        takeCheck(core, session, now, check);
      }
    }
    release();
    this.#settle(now);
  }

  /** Adds a candidate that the host gathered on a socket or from a server. */
  addLocalBase(now: number, init: IceLocalCandidateInit): void {
    if (this.#state === "closed") return;
    if (this.#session.gathering === "new") this.#setGathering("gathering");
    const local = this.#session.addLocal(now, init);
    if (local === undefined) return;
    this.#core.emit({ type: "candidate", candidate: local.candidate });
    this.#settle(now);
  }

  /** No more local candidates will come. */
  setGatheringComplete(now: number): void {
    if (this.#state === "closed" || this.#session.gathering === "complete") return;
    this.#setGathering("complete");
    this.#session.stayPatient(now);
    this.#settle(now);
  }

  #setGathering(state: IceGathererState): void {
    this.#session.gathering = state;
    this.#core.emit({ type: "gathering", state });
  }

  /**
   * Takes a candidate that the peer signaled. One that came before its parameters waits for them;
   * one with an mDNS name comes back as a "resolve" event. Unusable ones are ignored and counted.
   */
  addRemoteCandidate(now: number, candidate: IceCandidate): void {
    const session = this.#session;
    if (this.#state === "closed") return;
    if (session.isCurrent(candidate)) session.addRemote(now, candidate);
    else if (session.pending.length < MAX_REMOTE_CANDIDATES) session.pending.push(candidate);
    else this.#core.drops.ignoredCandidates++;
    this.#settle(now);
  }

  /**
   * The answer to a "resolve" event.
   *
   * @param candidate the object of the event
   * @param ip the address of its name, or `undefined` when there is none
   */
  addResolvedCandidate(now: number, candidate: IceCandidate, ip: string | undefined): void {
    const session = this.#session;
    if (!session.resolving.delete(candidate)) return;
    const address = ip === undefined ? undefined : internAddress(ip, candidate.port);
    if (address !== undefined) session.addRemoteAddress(candidate, address);
    else this.#core.drops.ignoredCandidates++;
    this.#settle(now);
  }

  /** The peer said end-of-candidates (RFC 8838 §14). */
  setRemoteEndOfCandidates(now: number): void {
    if (this.#state === "closed") return;
    this.#session.remoteEnded = true;
    this.#settle(now);
  }

  /**
   * ICE restart (RFC 8445 §9): new credentials and no candidates yet; the host adds its bases again
   * and signals. The old pair carries data until a new one is selected.
   *
   * @param parameters those that were signaled already; by default new random ones
   * @throws {IceError} `invalid-parameters`
   */
  restart(now: number, parameters?: IceParameters): void {
    const core = this.#core, old = this.#session;
    if (this.#state === "closed") return;
    const next = new IceSession(
      core,
      parameters ?? generateIceParameters(core.entropy, core.lite),
    );
    next.pending = old.pending.splice(0);
    if (old.selected !== undefined || this.#previous === undefined) {
      this.#dropPrevious();
      this.#previous = old;
    } else old.dispose();
    this.#session = next;
    core.emit({ type: "gathering", state: "new" });
    this.#settle(now);
  }

  /** Takes a restart back whose offer was rolled back, as long as it has no pair of its own. */
  cancelRestart(now: number): void {
    const previous = this.#previous;
    if (previous === undefined || this.#session.selected !== undefined) return;
    this.#session.dispose();
    this.#session = previous;
    this.#previous = undefined;
    this.#retireAt = NEVER;
    this.#core.emit({ type: "gathering", state: previous.gathering });
    this.#settle(now);
  }

  /** Takes a datagram that RFC 7983 calls STUN. What is not the peer's changes nothing. */
  handleInput(now: number, bytes: Uint8Array, from: Address, base: object): void {
    if (this.#state === "closed") return;
    if (receive(this.#core, this.#session, this.#previous, now, bytes, from, base)) {
      this.#settle(now);
    }
  }

  /**
   * Whether a datagram is a STUN response to a request of this agent: for who serves several agents on
   * one port. The address alone does not tell, since a peer may signal that of another one.
   */
  awaits(datagram: Uint8Array): boolean {
    const { reader, checks } = this.#core;
    if (!reader.read(datagram) || reader.messageClass < StunClass.SUCCESS) return false;
    return checks.find(reader) !== undefined ||
      (this.#session.consent?.sentAt(reader) ?? -1) >= 0 ||
      (this.#previous?.consent?.sentAt(reader) ?? -1) >= 0;
  }

  /** Does what is due. */
  handleTimeout(now: number): void {
    if (this.#state === "closed") return;
    this.#core.checks.handleTimeout(now, this.#onCheckDue);
    keepConsent(this.#core, this.#session, now);
    if (this.#previous !== undefined) keepConsent(this.#core, this.#previous, now);
    if (now >= this.#retireAt) this.#dropPrevious();
    this.#settle(now);
  }

  /** When {@linkcode IceAgent.handleTimeout} is due, or `NEVER`. */
  pollTimeout(): number {
    if (this.#state === "closed") return NEVER;
    const session = this.#session;
    let next = Math.min(this.#paceAt, this.#retireAt, session.nominateAt);
    next = Math.min(next, this.#core.checks.pollTimeout());
    if (session.consent !== undefined) next = Math.min(next, session.consent.deadline);
    const old = this.#previous?.consent;
    if (old !== undefined) next = Math.min(next, old.deadline);
    const mayFail = session.selected === undefined && !session.failed;
    return mayFail && session.patienceUntil > this.#now
      ? Math.min(next, session.patienceUntil)
      : next;
  }

  /** The next STUN message to be sent; lent until the next call that changes the agent. */
  pollTransmit(): IceTransmit | undefined {
    return this.#core.transmits.poll();
  }

  /** The next event. */
  pollEvent(): IceEvent | undefined {
    return this.#core.events.shift();
  }

  /** Ends the agent: it sends and takes nothing any more. No event tells of it. */
  close(now: number): void {
    if (this.#state === "closed") return;
    this.#now = now;
    this.#state = "closed";
    this.#session.dispose();
    this.#dropPrevious();
    this.#selected = undefined;
    this.#core.transmits.clear();
    this.#core.events.clear();
  }

  /** A snapshot of what the agent counts. */
  stats(): IceStats {
    const core = this.#core, session = this.#session;
    return {
      state: this.#state,
      controlling: core.controlling,
      localUsernameFragment: this.localParameters.usernameFragment,
      selectedCandidatePairId: this.#selected?.id,
      selectedCandidatePairChanges: core.selectedPairChanges,
      ...sessionStats(session, this.#selected),
      drops: { ...core.drops },
      kept: {
        checks: core.checks.size,
        earlyChecks: session.early.length,
        knownRemotes: session.known.size,
        pendingCandidates: session.pending.length,
      },
    };
  }

  #dropPrevious(): void {
    this.#previous?.dispose();
    this.#previous = undefined;
    this.#retireAt = NEVER;
  }

  /** After every change: what follows from it, in this order. */
  #settle(now: number): void {
    const core = this.#core, session = this.#session;
    this.#now = now;
    session.select(now);
    nominate(now, session, core);
    this.#paceAt = sendDueChecks(core, session, now);
    if (!session.failed && hasFailed(core, session, now)) {
      session.failed = true;
      session.consent = undefined;
      core.checks.deleteOf(session);
    }
    if (session.selected !== undefined) this.#retirePrevious(now);
    this.#announce(session.selected ?? this.#previous?.selected);
  }

  /** The new pair takes over; the peer may need the old credentials a little longer. */
  #retirePrevious(now: number): void {
    if (this.#previous === undefined || this.#retireAt !== NEVER) return;
    this.#previous.selected = this.#previous.consent = undefined;
    this.#retireAt = now + this.#core.timing.consentExpiryMs;
  }

  #announce(selected: CandidatePair | undefined): void {
    const core = this.#core;
    if (selected !== this.#selected) {
      this.#selected = selected;
      if (selected !== undefined) core.selectedPairChanges++;
      core.emit({ type: "selected-pair", pair: selected });
    }
    const state = transportState(core, this.#session, this.#previous);
    if (state === this.#state) return;
    this.#state = state;
    core.emit({ type: "state", state });
  }
}
