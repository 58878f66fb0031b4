/** A Worker with Durable Objects in workerd, with their storage on disk. */
import { build, stop } from "esbuild";
import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageProgram } from "../../tools/packages.ts";
import { type Program, startProgram } from "./spawn.ts";

/** Bundles the Worker, in a process of its own: esbuild leaves one behind. */
export async function buildWorker(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sterna-bundle-"));
  try {
    const outfile = join(folder, "worker.js");
    const args = ["run", "--allow-all", "--no-check", fileURLToPath(import.meta.url), outfile];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return await readFile(outfile, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  await build({
    entryPoints: [here("durable_worker.ts")],
    outfile: Deno.args[0]!,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "import"],
    target: "es2024",
    external: ["node:*", "cloudflare:*"],
    alias: { "node:test": here("collected.ts") },
    logLevel: "error",
  });
  await stop();
}

/** Starts a bundled Worker. */
export async function startWorkerd(worker: string): Promise<Program> {
  const workerd = await packageProgram("workerd", "workerd");
  const folder = await mkdtemp(join(tmpdir(), "sterna-worker-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, "worker.js"), worker);
    await mkdir(join(folder, "objects"));
    const program = await startProgram(workerd, (port) => {
      const file = join(folder, "config.capnp");
      writeFileSync(file, configuration(port, join(folder, "objects")));
      return ["serve", "--experimental", file];
    });
    const close = async (): Promise<void> => {
      await program.close();
      await remove();
    };
    return { ...program, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

function configuration(port: number, objects: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "objects", disk = (path = "${objects}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  durableObjectNamespaces = [
    (className = "Room", uniqueKey = "room", enableSql = true),
    (className = "QuickRoom", uniqueKey = "quick", enableSql = true),
    (className = "Suite", uniqueKey = "suite", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "objects"),
  bindings = [
    (name = "ROOMS", durableObjectNamespace = "Room"),
    (name = "QUICK", durableObjectNamespace = "QuickRoom"),
    (name = "SUITE", durableObjectNamespace = "Suite"),
  ],
);
`;
}
