/** The routes on each host, started for a test. */
import { build } from "esbuild";
import { Hono } from "hono";
import { signaling } from "../../../src/signaling/mod.ts";
import { packageMissing, packageProgram } from "../../../tools/packages.ts";
import { runs } from "../peers/programs.ts";
import { cachePath } from "../peers/scripts.ts";

/** A host that runs. */
export interface SignalingHost {
  /** Address of the routes. */
  readonly url: string;
  close(): Promise<void>;
}

/** Where the routes can run. */
export const HOSTS = ["deno", "bun", "node", "workerd"] as const;

/** One of them. */
export type HostName = typeof HOSTS[number];

const here = (name: string): string => decodeURIComponent(new URL(name, import.meta.url).pathname);

/** Bundles programs and pages. Before the tests: esbuild keeps a process of its own. */
export async function bundleSignaling(): Promise<{ page: string }> {
  const common = { bundle: true, format: "esm", logLevel: "error" } as const;
  const programs = { ...common, platform: "node", target: "node20" } as const;
  await build({
    ...programs,
    entryPoints: [here("host.ts")],
    outfile: cachePath("signaling/host.mjs"),
    banner: {
      js: 'import { createRequire } from "node:module"; var require = createRequire("/");',
    },
  });
  await build({
    ...common,
    entryPoints: [here("worker.ts")],
    outfile: cachePath("signaling/worker.js"),
    platform: "neutral",
    conditions: ["workerd", "worker"],
    mainFields: ["module", "main"],
  });
  const { outputFiles } = await build({
    ...common,
    entryPoints: [here("page.ts")],
    platform: "browser",
    write: false,
  });
  return { page: outputFiles[0]!.text };
}

/** Why a host cannot be used here, or `undefined`. */
export async function hostMissing(name: HostName): Promise<string | undefined> {
  if (name === "deno" || await runs(name)) return undefined;
  return name === "node" ? "no node on PATH" : await packageMissing(name);
}

/** Starts the routes. */
export async function startHost(name: HostName): Promise<SignalingHost> {
  if (name === "deno") return serveInDeno();
  if (name === "workerd") return await startWorkerd();
  const command = await runs(name) ? name : await packageProgram("bun", "bun");
  const child = spawn(command, [cachePath("signaling/host.mjs")]);
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    const port = /port (\d+)\n/.exec(output)?.[1];
    if (port !== undefined) return { url: `http://127.0.0.1:${port}/rtc`, close: () => end(child) };
  }
  throw new Error(`${name} ended: ${output}`);
}

function serveInDeno(): SignalingHost {
  const routes = signaling(), app = new Hono().route("/rtc", routes);
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, app.fetch);
  const close = async (): Promise<void> => {
    routes.close();
    await server.shutdown();
  };
  return { url: `http://127.0.0.1:${server.addr.port}/rtc`, close };
}

async function startWorkerd(): Promise<SignalingHost> {
  const workerd = await packageProgram("workerd", "workerd");
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const file = cachePath("signaling/config.capnp");
  await Deno.writeTextFile(file, configuration(port));
  const child = spawn(workerd, ["serve", file]);
  const url = `http://127.0.0.1:${port}/rtc`;
  for (let attempt = 0; attempt < 100; attempt++) {
    const health = await fetch(`${url}/healthz`).catch(() => undefined);
    await health?.body?.cancel();
    if (health?.ok) return { url, close: () => end(child) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await end(child);
  throw new Error("workerd does not answer");
}

function configuration(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  durableObjectNamespaces = [(className = "Rooms", uniqueKey = "rooms")],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "ROOMS", durableObjectNamespace = "Rooms")],
);
`;
}

function spawn(command: string, args: string[]): Deno.ChildProcess {
  return new Deno.Command(command, { args, stdout: "piped", stderr: "null" }).spawn();
}

async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  if (!child.stdout.locked) await child.stdout.cancel();
  await child.status;
}
