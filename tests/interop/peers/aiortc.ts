import { Peer, type Traits } from "../peer.ts";
import { attachProgram } from "./child.ts";
import { missingAfter, run, runs } from "./programs.ts";
import { ANSWERER_RESTARTS, REJECTED_MEDIA, RESTART } from "../scenarios/names.ts";
import { agentPath, cachePath } from "./scripts.ts";

const NO_RESTART = "it has no ICE restart";

const traits: Traits = {
  cannot: {
    [RESTART]: NO_RESTART,
    [ANSWERER_RESTARTS]: NO_RESTART,
    [REJECTED_MEDIA]: "it wants ICE credentials in rejected sections",
  },
  opensAscii: "counts characters, not bytes, in DATA_CHANNEL_OPEN (RFC 8832 §5.1)",
  // CRC32c and reassembly in Python: about 5 MB/s.
  bulkBytes: 4_000_000,
};

/** Makes the virtual environment unless it is there, and answers its Python. */
async function environment(): Promise<string> {
  const requirements = agentPath("aiortc/requirements.txt");
  const version = (await Deno.readTextFile(requirements)).match(/^aiortc==(.*)$/m)![1];
  const home = cachePath(`aiortc-${version}`);
  const python = `${home}/bin/python`;
  const ready = `${home}/ready`;
  if (await runs(python) && await exists(ready)) return python;
  await run("python3", ["-m", "venv", "--clear", home]);
  await run(python, ["-m", "pip", "install", "--quiet", "--no-input", "-r", requirements]);
  await Deno.writeTextFile(ready, "");
  return python;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Why aiortc cannot be used here, or `undefined`. */
export async function aiortcMissing(): Promise<string | undefined> {
  return await missingAfter(environment);
}

/** Starts aiortc in a Python process of its own. */
export async function aiortcPeer(): Promise<Peer> {
  const args = [agentPath("aiortc/agent.py")];
  return attachProgram(new Peer("aiortc", traits), { command: await environment(), args });
}
