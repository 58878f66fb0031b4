import { Peer, type Traits } from "../peer.ts";
import { attachProgram } from "./child.ts";
import { missingAfter, run } from "./programs.ts";
import { REJECTED_MEDIA } from "../scenarios/names.ts";
import { agentPath, cachePath } from "./scripts.ts";

const traits: Traits = {
  cannot: { [REJECTED_MEDIA]: "it looks for the formats of rejected sections (RFC 3264 §6)" },
};

/** Builds the agent, which Go does only when something changed, and answers its path. */
async function program(): Promise<string> {
  const out = cachePath("pion");
  await run("go", ["build", "-mod=readonly", "-o", out, "."], agentPath("pion"));
  return out;
}

/** Why pion cannot be used here, or `undefined`. */
export async function pionMissing(): Promise<string | undefined> {
  return await missingAfter(program);
}

/** Starts pion in a process of its own. */
export async function pionPeer(): Promise<Peer> {
  return attachProgram(new Peer("pion", traits), { command: await program(), args: [] });
}
