import type { Address } from "../base/mod.ts";
import { StunAttribute, StunClass, StunMethod } from "../stun/mod.ts";
import type { AgentCore } from "./core.ts";
import { handleRequest } from "./inbound.ts";
import { handleCheckResponse, handleConsentResponse } from "./outbound.ts";
import type { IceSession } from "./session.ts";

/**
 * Takes one datagram: finds out whether it is a STUN message for one of the two sessions, and hands
 * it on. What is not is counted and forgotten.
 *
 * @param previous the session before an ICE restart
 * @returns whether an authenticated message may have changed something
 */
export function receive(
  core: AgentCore,
  current: IceSession,
  previous: IceSession | undefined,
  now: number,
  bytes: Uint8Array,
  from: Address,
  base: object,
): boolean {
  const { reader, drops } = core;
  // RFC 8445 §7.1, §7.2.2: checks and their responses carry a FINGERPRINT.
  if (!reader.read(bytes) || reader.method !== StunMethod.BINDING || !reader.verifyFingerprint()) {
    drops.malformed++;
    return false;
  }
  switch (reader.messageClass) {
    case StunClass.INDICATION:
      // RFC 8445 §11: a keepalive; it has done its work in the NAT.
      drops.indications++;
      return false;
    case StunClass.REQUEST:
      return receiveRequest(core, current, previous, now, from, base);
    default:
      return receiveResponse(core, current, previous, now, from, base);
  }
}

/** RFC 8445 §7.3: USERNAME says which of our sessions a request belongs to. */
function receiveRequest(
  core: AgentCore,
  current: IceSession,
  previous: IceSession | undefined,
  now: number,
  from: Address,
  base: object,
): boolean {
  const username = core.reader.value(StunAttribute.USERNAME);
  if (username !== undefined) {
    if (current.local.matches(username)) {
      return handleRequest(core, current, now, from, base, true);
    }
    if (previous?.local.matches(username)) {
      return handleRequest(core, previous, now, from, base, false);
    }
  }
  core.drops.unauthenticated++;
  return false;
}

function receiveResponse(
  core: AgentCore,
  current: IceSession,
  previous: IceSession | undefined,
  now: number,
  from: Address,
  base: object,
): boolean {
  const check = core.checks.find(core.reader);
  if (check !== undefined) return handleCheckResponse(core, check, now, from, base);
  if (handleConsentResponse(core, current, now, from, base)) return true;
  if (previous && handleConsentResponse(core, previous, now, from, base)) return true;
  core.drops.unmatchedResponses++;
  return false;
}
