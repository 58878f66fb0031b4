import type { AgentCore } from "./core.ts";
import type { IceSession } from "./session.ts";
import type { IceTransportState } from "./types.ts";

/** Whether checks of the session are still to come or out. */
export function isChecking(core: AgentCore, session: IceSession): boolean {
  return !core.lite && !session.concluded && session.list.unfinished;
}

/**
 * Whether the session has failed now (W3C webrtc-pc §5.6.4, RFC 8863): every pair failed, gathering is
 * complete, and patience is over. Many signaling channels lose end-of-candidates, so when nothing was
 * signaled for as long as patience lasts, that says the same.
 */
export function hasFailed(core: AgentCore, session: IceSession, now: number): boolean {
  if (session.selected !== undefined || session.remote === undefined) return false;
  if (session.gathering !== "complete" || isChecking(core, session)) return false;
  return now >= session.patienceUntil ||
    (session.remoteEnded && session.locals.list.length === 0);
}

/**
 * The state of the transport by the rules of W3C webrtc-pc §5.6.4.
 *
 * @param previous the session before an ICE restart, as long as its pair carries the data
 */
export function transportState(
  core: AgentCore,
  session: IceSession,
  previous: IceSession | undefined,
): IceTransportState {
  const carrier = session.selected !== undefined ? session : previous;
  if (carrier?.selected !== undefined) return carryingState(carrier, carrier === session);
  if (session.failed) return "failed";
  if (!session.hasRemote || session.remote === undefined) {
    // A restart forgets that connectivity was lost, but not that there was a peer.
    return previous === undefined ? "new" : "checking";
  }
  if (isChecking(core, session)) return "checking";
  // Everything there is has failed, and more may come.
  const mayGrow = session.gathering !== "complete" || !session.remoteEnded;
  return mayGrow && session.list.pairs.length > 0 && !core.lite ? "disconnected" : "checking";
}

function carryingState(session: IceSession, isCurrent: boolean): IceTransportState {
  // RFC 8445 §9: during a restart the old pair goes on; if it dies, the new one is being looked for.
  if (session.consent?.disconnected) return isCurrent ? "disconnected" : "checking";
  const isComplete = isCurrent && session.selected!.nominated && session.concluded &&
    session.gathering === "complete" && session.remoteEnded;
  return isComplete ? "completed" : "connected";
}
