import type { AgentCore } from "./core.ts";
import type { IceSession } from "./session.ts";

/**
 * Takes the other role. Pair priorities depend on it (RFC 8445 §7.3.1.1), and what was under way to
 * a nomination in the old role is off.
 */
export function switchRole(core: AgentCore, session: IceSession, controlling: boolean): void {
  core.controlling = controlling;
  for (const pair of session.list.pairs) pair.nominating = pair.nominateOnSuccess = false;
  session.list.updatePairs(controlling);
  core.emit({ type: "role", controlling });
}
