import { installPackage, packageMissing, packageProgram } from "../../../tools/packages.ts";
import type { PackageName } from "../../../tools/versions.ts";
import { Peer, type Traits } from "../peer.ts";
import { ANSWERER_OFFERS, ANSWERER_RESTARTS, REJECTED_MEDIA, RESTART } from "../scenarios/names.ts";
import { attachProgram } from "./child.ts";
import { runs } from "./programs.ts";
import { nodeAgent } from "./scripts.ts";

const NO_RESTART = "it has no ICE restart";

const traits: Readonly<Partial<Record<PackageName, Traits>>> = {
  "node-datachannel": {
    cannot: {
      [`${ANSWERER_OFFERS} [answerer]`]: "its createOffer waits for ever when nothing has changed",
      [RESTART]: NO_RESTART,
      [ANSWERER_RESTARTS]: NO_RESTART,
      [REJECTED_MEDIA]: "its W3C face has no media",
    },
    misreportsKind: "says of every channel that comes that it is ordered and reliable",
  },
  "werift": {
    sendsNoEmpty: "sends no empty message: it passes an empty payload to SCTP (RFC 8831 §6.6)",
    opensAscii: "counts characters, not bytes, in DATA_CHANNEL_OPEN (RFC 8832 §5.1)",
    opensOrdered: "forgets that a channel of limited reliability is unordered (RFC 8832 §5.1)",
    // 200 bytes per round trip and timers in between, with every peer.
    smallMessages: 200,
  },
};

/** Why a stack from npm cannot be used here, or `undefined`. */
export async function npmMissing(name: PackageName): Promise<string | undefined> {
  if (!await runs("node")) return "no node on PATH";
  await nodeAgent("foreign");
  return await packageMissing(name);
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
