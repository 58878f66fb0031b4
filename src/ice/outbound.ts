import { type Address, NEVER } from "../base/mod.ts";
import { StunAttribute, StunClass, type StunReader, StunTransaction } from "../stun/mod.ts";
import type { LocalCandidate } from "./candidates.ts";
import type { Check } from "./checks.ts";
import type { AgentCore } from "./core.ts";
import { writeCheck } from "./messages.ts";
import type { CandidatePair } from "./pair.ts";
import { switchRole } from "./role.ts";
import type { IceSession } from "./session.ts";

/** RFC 8445 §7.3.1.1, RFC 8489 §14.8. */
const ROLE_CONFLICT = 487;

/**
 * Sends the checks that are due, triggered ones first (RFC 8445 §6.1.4.2). They have a pacer of their
 * own: each answers a message of a peer that holds the password, so it need not wait for the ordinary
 * ones, but the source address of that message may be a victim's (RFC 8445 §19.5.1).
 *
 * @returns when the next check is due, or `NEVER`
 */
export function sendDueChecks(core: AgentCore, session: IceSession, now: number): number {
  if (core.lite || session.remote === undefined || session.failed) return NEVER;
  const { list } = session;
  let next = NEVER;
  for (let pair = list.nextTriggered(); pair !== undefined; pair = list.nextTriggered()) {
    if (now < core.triggeredPacer.readyAt) {
      next = core.triggeredPacer.readyAt;
      break;
    }
    core.triggeredPacer.spend(now);
    sendCheck(core, session, now, pair);
  }
  if (session.concluded) return next;
  for (let pair = list.nextOrdinary(); pair !== undefined; pair = list.nextOrdinary()) {
    if (now < core.pacer.readyAt) return Math.min(next, core.pacer.readyAt);
    core.pacer.spend(now);
    sendCheck(core, session, now, pair);
  }
  return next;
}

/** RFC 8445 §7.2.4. */
function sendCheck(core: AgentCore, session: IceSession, now: number, pair: CandidatePair): void {
  session.list.started(pair);
  const useCandidate = pair.nominating && core.controlling;
  const { timing } = core;
  pair.check?.transaction.cancel();
  const out = core.transmits.claim(pair.address, pair.base);
  const id = core.checks.newId(core.entropy);
  const priority = pair.localSide.checkPriority;
  const length = writeCheck(core, out, id, session.remote!, priority, useCandidate);
  core.transmits.commit(length);
  const transaction = new StunTransaction(now, out.subarray(0, length), {
    // RFC 8445 §14.3
    rtoMs: Math.max(timing.minRtoMs, timing.paceMs * session.list.activeCount),
    requests: timing.checkRequests,
    finalWait: timing.checkFinalWait,
  });
  transaction.pollTransmit();
  const { controlling } = core;
  pair.check = { transaction, session, pair, controlling, useCandidate };
  core.checks.add(pair.check);
  if (pair.state !== "succeeded") pair.state = "in-progress";
  pair.counters.requestsSent++;
}

/** A check whose deadline came: it is retransmitted, or its pair has failed (RFC 8445 §7.2.5.2.3). */
export function handleCheckTimeout(core: AgentCore, check: Check): void {
  const { transaction, pair, session } = check;
  const request = transaction.pollTransmit();
  if (request !== undefined) {
    core.transmits.claim(pair.address, pair.base).set(request);
    core.transmits.commit(request.length);
  } else if (transaction.state === "timed-out") {
    core.checks.delete(check);
    // Another check may have taken the place of this one, which then tells nothing.
    if (pair.check !== check) return;
    pair.check = undefined;
    session.failPair(pair);
  }
}

/** Sends a consent check on the selected pair (RFC 7675 §5.1). */
function sendConsentCheck(core: AgentCore, session: IceSession, now: number): void {
  const consent = session.consent!;
  const { pair } = consent;
  const out = core.transmits.claim(pair.address, pair.base);
  const id = core.checks.newId(core.entropy);
  const priority = pair.localSide.checkPriority;
  core.transmits.commit(writeCheck(core, out, id, session.remote!, priority, false));
  consent.sent(now, id);
  pair.counters.consentRequestsSent++;
}

/** Does what is due for the consent of a session. */
export function keepConsent(core: AgentCore, session: IceSession, now: number): void {
  const { consent } = session;
  if (consent === undefined) return;
  if (now >= consent.expiresAt) {
    // RFC 7675 §5.1: on expiry nothing may be sent on this pair any more.
    session.failPair(consent.pair.checkedAs);
    session.consent = session.selected = undefined;
    core.emit({ type: "consent-lost", pair: consent.pair });
    return;
  }
  consent.disconnect(now);
  if (now >= consent.nextAt) sendConsentCheck(core, session, now);
}

/**
 * Handles the response in the reader if it answers a consent check of `session`.
 *
 * @returns whether it does
 */
export function handleConsentResponse(
  core: AgentCore,
  session: IceSession,
  now: number,
  from: Address,
  base: object,
): boolean {
  const { reader, drops } = core;
  const { consent, remote } = session;
  const sentAt = consent?.sentAt(reader) ?? -1;
  if (consent === undefined || remote === undefined || sentAt < 0) return false;
  const { pair } = consent;
  if (
    !reader.verifyIntegrity(remote.key) || from !== pair.address || base !== pair.base
  ) {
    drops.unauthenticated++;
    return true;
  }
  // RFC 7675 §5.1: only a success is consent.
  if (reader.messageClass !== StunClass.SUCCESS || reader.unknownRequired()) return true;
  pair.counters.responsesReceived++;
  pair.measured(now - sentAt);
  pair.lastReceivedAt = now;
  consent.renew(now);
  return true;
}

/**
 * Handles the response in the reader, which answers `check` (RFC 8445 §7.2.5).
 *
 * @returns whether it was authenticated
 */
export function handleCheckResponse(
  core: AgentCore,
  check: Check,
  now: number,
  from: Address,
  base: object,
): boolean {
  const { reader } = core;
  const { session, pair, transaction } = check;
  if (!reader.verifyIntegrity(session.remote!.key)) {
    core.drops.unauthenticated++;
    return false;
  }
  transaction.handleResponse(reader);
  core.checks.delete(check);
  if (pair.check === check) pair.check = undefined;
  pair.counters.responsesReceived++;
  // RFC 8445 §7.2.5.2.1: a response takes the way of its request backwards. RFC 8489 §6.3.3: one with
  // attributes that we do not understand but must is void.
  if (from !== pair.address || base !== pair.base || reader.unknownRequired()) {
    session.failPair(pair);
    return true;
  }
  pair.lastReceivedAt = now;
  // A response to a retransmitted request may answer any of its copies (Karn's rule).
  if (transaction.sent === 1) pair.measured(now - transaction.startedAt);
  if (reader.messageClass === StunClass.SUCCESS) takeSuccess(core, check, now);
  else takeError(core, check);
  return true;
}

/** RFC 8445 §7.2.5.1 and §7.2.5.2.4. */
function takeError(core: AgentCore, check: Check): void {
  const { session, pair } = check;
  if (core.reader.errorCode()?.code !== ROLE_CONFLICT) return session.failPair(pair);
  // If the roles were already settled, the request crossed with that: it only has to be repeated.
  if (check.controlling === core.controlling) {
    core.newTieBreaker();
    switchRole(core, session, !check.controlling);
  }
  if (pair.state === "succeeded") return;
  pair.state = "waiting";
  session.list.trigger(pair);
}

/** RFC 8445 §7.2.5.3. */
function takeSuccess(core: AgentCore, check: Check, now: number): void {
  const { session, pair } = check;
  const local = mappedCandidate(core.reader, session, pair);
  if (local === undefined) return session.failPair(pair);
  const valid = local === pair.localSide
    ? pair
    : session.list.addValid(local, pair, core.controlling);
  if (valid === undefined) return session.failPair(pair);
  // A newer check of the same pair has nothing left to find out.
  if (!check.useCandidate && pair.check?.useCandidate !== true) {
    pair.check?.transaction.cancel();
    pair.check = undefined;
  }
  pair.state = valid.state = "succeeded";
  pair.validPair = valid.validPair = valid;
  valid.valid = true;
  valid.lastReceivedAt = now;
  if (valid !== pair) valid.counters.currentRoundTripTimeMs = pair.counters.currentRoundTripTimeMs;
  session.firstValidAt = Math.min(session.firstValidAt, now);
  session.known.add(pair.address, pair.base);
  session.list.unfreeze(pair.foundation);
  if (check.useCandidate && core.controlling) {
    pair.nominating = false;
    valid.nominated = true;
  } else if (pair.nominateOnSuccess) {
    pair.nominateOnSuccess = false;
    valid.nominated = true;
  }
}

/** RFC 8445 §7.2.5.3.1: the local candidate that the peer saw, a new peer-reflexive one if need be. */
function mappedCandidate(
  reader: StunReader,
  session: IceSession,
  pair: CandidatePair,
): LocalCandidate | undefined {
  const type = StunAttribute.XOR_MAPPED_ADDRESS;
  if (reader.xorAddressEquals(type, pair.localSide.address)) return pair.localSide;
  const mapped = reader.xorAddress(type);
  if (mapped === undefined) return undefined;
  const { locals } = session;
  return locals.find(mapped, pair.base) ??
    (locals.isFull ? pair.localSide : locals.addPeerReflexive(mapped, pair.localSide));
}
