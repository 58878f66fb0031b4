import { installPackage, packageMissing, packageProgram } from "../../../tools/packages.ts";
import type { PackageName } from "../../../tools/versions.ts";
import { Peer, type Traits } from "../peer.ts";
import { attachProgram } from "./child.ts";
import { runs } from "./programs.ts";
import { nodeAgent } from "./scripts.ts";

const traits: Readonly<Partial<Record<PackageName, Traits>>> = {};

/** Why a stack from npm cannot be used here, or `undefined`. */
export async function npmMissing(name: PackageName): Promise<string | undefined> {
  return await runs("node") ? await packageMissing(name) : "no node on PATH";
}

/** Starts a stack from npm in a Node process of its own. */
export async function npmPeer(name: PackageName): Promise<Peer> {
  const args = [await nodeAgent("foreign"), name, await installPackage(name)];
  return attachProgram(new Peer(name, traits[name]), { command: "node", args });
}

/** Starts Sterna in a Node or Bun process of its own, which has to end by itself. */
export async function sternaProgram(runtime: "node" | "bun"): Promise<Peer> {
  const peer = new Peer(`sterna in ${runtime}`);
  const args = [await nodeAgent("sterna")];
  return attachProgram(peer, { command: await runtimeProgram(runtime), args }, true);
}

async function runtimeProgram(runtime: "node" | "bun"): Promise<string> {
  if (await runs(runtime)) return runtime;
  if (runtime === "bun") return await packageProgram("bun", "bun");
  throw new Error("there is no node on PATH");
}
