/** Builds the servers of the benchmark and starts them in each runtime. */
import { build, type BuildOptions } from "esbuild";
import { installPackage, packageProgram } from "../../tools/packages.ts";
import { root } from "../../tools/test/process.ts";
import { LineProcess } from "./child.ts";
import type { RuntimeName } from "./options.ts";
import type { SubjectName } from "./protocol.ts";

const FOLDER = `${root}.cache/bench/signaling`;
const HERE = `${root}bench/signaling`;

/** A server that listens. */
export interface BenchServer {
  readonly process: LineProcess;
  readonly port: number;
}

/** Whether a server runs there: those of others need Node's modules. */
export function isSupported(runtime: RuntimeName, subject: SubjectName): boolean {
  return runtime !== "workerd" || subject === "relay" || subject === "sterna";
}

/** Starts a server. */
export async function startServer(
  runtime: RuntimeName,
  subject: SubjectName,
  flags: readonly string[] = [],
): Promise<BenchServer> {
  if (runtime === "workerd") return await startEdge(subject);
  const file = await bundleServer(subject);
  const process = new LineProcess([...await commandOf(runtime), ...flags, file], {
    NODE_ENV: "production",
  });
  return { process, port: (await process.next<{ port: number }>("port")).port };
}

/** Starts the load generator. */
export async function startLoad(): Promise<LineProcess> {
  const outfile = `${FOLDER}/load.mjs`;
  await bundle({ entryPoints: [`${HERE}/load/load.ts`], outfile });
  return new LineProcess(["node", outfile]);
}

async function commandOf(runtime: RuntimeName): Promise<string[]> {
  if (runtime === "deno") return [Deno.execPath(), "run", "-A", "--quiet"];
  return [runtime === "bun" ? await packageProgram("bun", "bun") : "node"];
}

/** One bundle for every runtime; the servers of others stay as they were installed. */
async function bundleServer(subject: SubjectName): Promise<string> {
  const entry = `${HERE}/servers/${subject.replace(".", "_")}.ts`;
  const name = subject === "peerjs" ? "peer" : subject === "socket.io" ? subject : undefined;
  const folder = name === undefined ? FOLDER : await installPackage(name);
  const outfile = `${folder}/${subject.replace(".", "_")}_server.mjs`;
  await bundle({ entryPoints: [entry], outfile, external: ["ws", "@hono/node-server"] });
  return outfile;
}

async function bundle(options: BuildOptions): Promise<void> {
  await build({
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
    ...options,
  });
}

const CONFIGURATION = (subject: string): string =>
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(
    name = "main",
    worker = (
      modules = [(name = "worker", esModule = embed "${subject}_edge.js")],
      compatibilityDate = "2026-10-01",
      durableObjectNamespaces = [(className = "Rooms", uniqueKey = "rooms")],
      durableObjectStorage = (inMemory = void),
      bindings = [(name = "ROOMS", durableObjectNamespace = "Rooms")],
    ),
  )],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;

async function startEdge(subject: SubjectName): Promise<BenchServer> {
  const workerd = await packageProgram("workerd", "workerd");
  await bundle({
    entryPoints: [`${HERE}/servers/${subject}_edge.ts`],
    outfile: `${FOLDER}/${subject}_edge.js`,
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "import"],
    target: "es2024",
    external: ["cloudflare:*"],
  });
  await Deno.writeTextFile(`${FOLDER}/${subject}.capnp`, CONFIGURATION(subject));
  const process = new LineProcess([
    workerd,
    "serve",
    "--control-fd=1",
    `${FOLDER}/${subject}.capnp`,
  ]);
  return { process, port: (await process.next<{ port: number }>("port")).port };
}
