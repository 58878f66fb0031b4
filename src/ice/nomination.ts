import { NEVER } from "../base/mod.ts";
import type { AgentCore } from "./core.ts";
import type { CandidatePair } from "./pair.ts";
import type { IceSession } from "./session.ts";

/**
 * Where data goes: over the nominated pair; before there is one, over the best valid pair
 * (RFC 8445 §12.1).
 *
 * A controlled agent may have several nominated pairs: peers that nominate aggressively
 * (RFC 5245 §8.1.1.2) mean the one of the highest priority, and peers that move to another path
 * after the old one died mean the one that still lives.
 */
export function choosePair(
  now: number,
  session: IceSession,
  controlling: boolean,
  silentMs: number,
): CandidatePair | undefined {
  const { list, selected, consent } = session;
  let best: CandidatePair | undefined;
  for (const pair of list.pairs) {
    if (!pair.valid || !pair.nominated) continue;
    if (controlling) return pair;
    const alive = pair === selected && consent !== undefined
      ? !consent.disconnected
      : now - pair.lastReceivedAt < silentMs;
    if (alive) return pair;
    if (best === undefined || pair === selected) best = pair;
  }
  return best ?? list.bestValid;
}

/**
 * Regular nomination by a controlling agent (RFC 8445 §8.1.1): the best valid pair, at once when no
 * better one can still come, and otherwise after a short wait for it. Nominating is to send its
 * check again with USE-CANDIDATE, as a triggered check.
 */
export function nominate(now: number, session: IceSession, core: AgentCore): void {
  session.nominateAt = NEVER;
  if (!core.controlling || core.lite || session.concluded) return;
  const best = session.list.bestValid;
  if (best === undefined || best.checkedAs.nominating) return;
  if (session.list.pairs.some((pair) => pair.nominating)) return;
  const wait = Math.max(core.timing.nominationWaitMs, 2 * best.counters.currentRoundTripTimeMs);
  const until = session.firstValidAt + wait;
  if (now < until && mayBeBettered(session, best)) {
    session.nominateAt = until;
    return;
  }
  best.checkedAs.nominating = true;
  session.list.trigger(best.checkedAs);
}

/** Whether a better pair may still come, out of the checklist or with new candidates. */
function mayBeBettered(session: IceSession, best: CandidatePair): boolean {
  if (session.list.mayImproveOn(best)) return true;
  // Between hosts nothing that is signaled later is better by more than a preference.
  const direct = isDirect(best.local.type) && isDirect(best.remote.type);
  const allKnown = session.gathering === "complete" && session.remoteEnded;
  return !direct && !allKnown;
}

/** A peer-reflexive remote is most often a host candidate whose name is still being resolved. */
function isDirect(type: string): boolean {
  return type === "host" || type === "prflx";
}
