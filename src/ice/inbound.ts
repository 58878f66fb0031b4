import { type Address, equalBytes } from "../base/mod.ts";
import { StunAttribute } from "../stun/mod.ts";
import type { AgentCore } from "./core.ts";
import { MAX_RETRIGGERS } from "./limits.ts";
import { sendError, sendSuccess } from "./messages.ts";
import type { CandidatePair } from "./pair.ts";
import { switchRole } from "./role.ts";
import type { EarlyCheck, IceSession } from "./session.ts";

/**
 * Handles the Binding request in the reader, whose USERNAME names `session` (RFC 8445 §7.3). A
 * request without valid integrity gets no answer, unlike RFC 8489 §9.1.3 has it: an agent that
 * answers strangers could be found by scanning and used as a reflector.
 *
 * @param isCurrent whether no ICE restart came after this session; if one did, requests are
 *   answered, since the peer may not have selected its new pair yet, and change nothing
 * @returns whether the request was authenticated
 */
export function handleRequest(
  core: AgentCore,
  session: IceSession,
  now: number,
  from: Address,
  base: object,
  isCurrent: boolean,
): boolean {
  const { reader, drops } = core;
  const fragment = session.local.peerFragment(reader.value(StunAttribute.USERNAME)!);
  const { remote } = session;
  if (
    !reader.verifyIntegrity(session.local.key) ||
    (remote !== undefined && !equalBytes(fragment, remote.fragment))
  ) {
    drops.unauthenticated++;
    return false;
  }
  if (session.locals.forBase(base, from.family) === undefined) {
    drops.unknownBase++;
    return false;
  }
  // W3C webrtc-pc §5.6.4: "failed" is terminal until an ICE restart, for the peer as well.
  if (session.failed) return false;

  const unknown = reader.unknownRequired();
  if (unknown !== undefined) {
    sendError(core, session.local, from, base, 420, unknown);
    return true;
  }
  const priority = reader.word(StunAttribute.PRIORITY);
  if (priority < 0) {
    sendError(core, session.local, from, base, 400);
    return true;
  }
  if (isCurrent && !settleRoles(core, session)) {
    sendError(core, session.local, from, base, 487);
    return true;
  }
  sendSuccess(core, session.local, from, base);
  const useCandidate = reader.has(StunAttribute.USE_CANDIDATE);
  const check = { from, base, fragment, priority, useCandidate };
  if (remote === undefined) session.addEarly(check);
  else if (isCurrent) takeCheck(core, session, now, check);
  else noteRequest(session.list.find(base, from), now);
  return true;
}

/** RFC 8445 §7.3.1.1. `false`: answer with 487 Role Conflict. */
function settleRoles(core: AgentCore, session: IceSession): boolean {
  const { reader } = core;
  const type = core.controlling ? StunAttribute.ICE_CONTROLLING : StunAttribute.ICE_CONTROLLED;
  const high = reader.word(type, 0, 2);
  if (high < 0) return true;
  // A lite agent stays controlled: the other one, which is full, has to be controlling (§6.1.1).
  if (core.lite && !core.controlling) return false;
  const wins = core.winsTie(high, reader.word(type, 1, 2));
  if (core.controlling === wins) return false;
  switchRole(core, session, !core.controlling);
  return true;
}

/** RFC 8445 §7.3.1.3–5: what an answered check of the peer means for the checklist. */
export function takeCheck(
  core: AgentCore,
  session: IceSession,
  now: number,
  check: EarlyCheck,
): void {
  const pair = session.pairFor(check.from, check.base, check.priority);
  if (pair === undefined) return;
  session.known.add(check.from, check.base);
  noteRequest(pair, now);
  const nominates = check.useCandidate && !core.controlling;
  if (core.lite) return takeLiteCheck(session, now, pair, nominates);
  if (nominates) {
    const valid = pair.validPair;
    if (pair.state === "succeeded" && valid?.valid) valid.nominated = true;
    else pair.nominateOnSuccess = true;
  }
  // Once a pair is nominated, only a further nomination is worth a check of our own (§8.1.2).
  if (!session.concluded || nominates) triggerCheck(session, pair);
}

/** RFC 8445 §7.3.1.4. */
function triggerCheck(session: IceSession, pair: CandidatePair): void {
  if (pair.state === "succeeded") return;
  if (pair.state === "in-progress") {
    if (pair.retriggers >= MAX_RETRIGGERS) return;
    pair.retriggers++;
    pair.check?.transaction.cancel();
    pair.check = undefined;
  }
  pair.state = "waiting";
  session.list.trigger(pair);
}

/** RFC 8445 §7.3.2: a lite agent makes no checks; the peer's are all it learns. */
function takeLiteCheck(
  session: IceSession,
  now: number,
  pair: CandidatePair,
  nominates: boolean,
): void {
  pair.state = "succeeded";
  pair.valid = true;
  pair.validPair = pair;
  if (nominates) pair.nominated = true;
  session.firstValidAt = Math.min(session.firstValidAt, now);
  if (session.consent?.pair === pair) session.consent.renew(now);
}

function noteRequest(pair: CandidatePair | undefined, now: number): void {
  if (pair === undefined) return;
  const { counters } = pair.validPair ?? pair;
  counters.requestsReceived++;
  counters.responsesSent++;
  pair.lastReceivedAt = now;
  if (pair.validPair !== undefined) pair.validPair.lastReceivedAt = now;
}
