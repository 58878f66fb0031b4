/** workerd, timed from outside: the difference of two requests. */
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { packageProgram } from "../../tools/packages.ts";
import { VERSIONS } from "../../tools/versions.ts";
import type { EdgeOrder } from "./edge_worker.ts";
import { median } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import { type PacketSpec, SET_PACKETS } from "./packet_set.ts";
import type { CryptoBenchResult, Direction } from "./results.ts";

const FOLDER = fileURLToPath(new URL("../../.cache/bench/workerd/", import.meta.url));

/** A request works for half of the turn that a subject has in other runtimes. */
const TURN_FACTOR = 0.5;
/** The quickest of so many equal requests counts: the others were disturbed. */
const ATTEMPTS = 3;

/** The Rust core, which workerd compiles when it loads the worker, and never later. */
const WASM = "sterna_crypto.wasm";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const CONFIGURATION = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(
    name = "main",
    worker = (
      modules = [
        (name = "worker", esModule = embed "worker.js"),
        (name = "${WASM}", wasm = embed "${WASM}"),
      ],
      compatibilityDate = "2026-10-01",
      compatibilityFlags = ["nodejs_compat"],
    ),
  )],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;

/** A provider that the worker has, and the batches that it is measured with. */
interface NamedBatches {
  readonly name: string;
  readonly batches: readonly number[];
}

/** A workerd that listens. */
interface Edge {
  readonly url: string;
  close(): Promise<void>;
}

async function bundleEdgeWorker(): Promise<void> {
  await Deno.copyFile(`${ROOT}wasm/${WASM}`, `${FOLDER}${WASM}`);
  await build({
    stdin: {
      contents: `import core from "${WASM}";
import { useWasmModule } from "./src/host/wasm_core.ts";
import worker from "./bench/crypto/edge_worker.ts";
useWasmModule(core);
export default worker;
`,
      resolveDir: ROOT,
    },
    outfile: `${FOLDER}worker.js`,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "import"],
    target: "es2024",
    external: ["node:*", WASM],
    logLevel: "error",
  });
}

async function startEdge(): Promise<Edge> {
  const workerd = await packageProgram("workerd", "workerd");
  await Deno.mkdir(FOLDER, { recursive: true });
  await bundleEdgeWorker();
  await Deno.writeTextFile(`${FOLDER}config.capnp`, CONFIGURATION);
  const child = new Deno.Command(workerd, {
    args: ["serve", "--control-fd=1", `${FOLDER}config.capnp`],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const control = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const close = async (): Promise<void> => {
    child.kill("SIGTERM");
    await control.cancel();
    await errors;
    await child.status;
  };
  const port = await listeningPort(control);
  if (port === undefined) throw new Error(`workerd does not start: ${(await errors).trim()}`);
  return { url: `http://127.0.0.1:${port}/`, close };
}

/** workerd says on its control channel where it listens. */
async function listeningPort(
  control: ReadableStreamDefaultReader<string>,
): Promise<string | undefined> {
  let text = "";
  while (true) {
    const { value, done } = await control.read();
    if (done) return undefined;
    text += value;
    const port = /"event":"listen".*"port":(\d+)/.exec(text)?.[1];
    if (port !== undefined) return port;
  }
}

/** Measures all that can run there, one case after the other. */
export async function measureWorkerd(
  options: BenchOptions,
  onResult: (result: CryptoBenchResult) => void,
  onProgress: (text: string) => void,
): Promise<void> {
  const edge = await startEdge();
  try {
    const own = await (await fetch(edge.url)).json() as NamedBatches[];
    const rivals = ["node:crypto Buffer", "node:crypto KeyObject", "noble"];
    const subjects = [
      ...rivals.map((subject) => ({ subject, batch: 1 })),
      ...own.flatMap(({ name: subject, batches }) => batches.map((batch) => ({ subject, batch }))),
    ];
    for (const profile of options.profiles) {
      for (const payloadBytes of options.sizes) {
        const spec = { profile, payloadBytes };
        const runs = subjects.map((one) => new EdgeRun(edge.url, { ...one, ...spec }));
        await measureCase(spec, runs, options, onResult, onProgress);
      }
    }
  } finally {
    await edge.close();
  }
}

async function measureCase(
  spec: PacketSpec,
  runs: readonly EdgeRun[],
  { effort }: BenchOptions,
  onResult: (result: CryptoBenchResult) => void,
  onProgress: (text: string) => void,
): Promise<void> {
  const head = `${spec.profile} ${spec.payloadBytes} B`;
  const working: EdgeRun[] = [];
  for (const run of runs) {
    onProgress(`${head} warming up ${run.name}`);
    try {
      await run.warmUp(effort.warmUpPackets, effort.warmUpMs, TURN_FACTOR * effort.roundMs);
      working.push(run);
    } catch (error) {
      onResult({ kind: "note", runtime: "workerd", text: `${head}: ${(error as Error).message}` });
    }
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const run of working) {
      onProgress(`${head} round ${round + 1} of ${effort.rounds} ${run.name}`);
      await run.turn();
    }
  }
  const best = new Map<string, CryptoBenchResult & { kind: "packet" }>();
  for (const run of working) {
    for (const direction of ["protect", "unprotect"] as const) {
      const result = run.result(direction);
      const key = `${result.subject} ${result.batch} ${direction}`;
      if (result.ns > 0 && result.ns < (best.get(key)?.ns ?? Infinity)) best.set(key, result);
    }
  }
  for (const result of best.values()) onResult(result);
}

/** One subject in one case. */
class EdgeRun {
  readonly name: string;
  readonly #url: string;
  readonly #order: Omit<EdgeOrder, "sets" | "both">;
  readonly #protecting: number[] = [];
  readonly #both: number[] = [];
  #sets = 1;
  #check = "";

  constructor(url: string, order: Omit<EdgeOrder, "sets" | "both">) {
    this.#url = url;
    this.#order = order;
    this.name = `${order.subject} ${order.batch}`;
  }

  /** Also finds out how many sets fill a turn. */
  async warmUp(packets: number, limitMs: number, turnMs: number): Promise<void> {
    let sets = 1, took = 0;
    for (let done = 0; done < packets; done += sets * SET_PACKETS) {
      await this.#request(sets, false);
      took = await this.#request(sets, true);
      if (took < limitMs / 8) sets *= 2;
      if (took > limitMs) break;
    }
    this.#sets = Math.max(1, Math.round(sets * turnMs / Math.max(took, 0.1)));
  }

  async turn(): Promise<void> {
    const nothing = await this.#quickest(0, false);
    this.#protecting.push(await this.#quickest(this.#sets, false) - nothing);
    this.#both.push(await this.#quickest(this.#sets, true) - nothing);
  }

  result(direction: Direction): CryptoBenchResult & { kind: "packet" } {
    const protecting = median(this.#protecting);
    const ms = direction === "protect" ? protecting : median(this.#both) - protecting;
    const { subject: name, ...rest } = this.#order;
    const [subject, detail] = name.split(" ") as [string, string | undefined];
    return {
      kind: "packet",
      runtime: "workerd",
      version: VERSIONS.workerd,
      ...rest,
      subject,
      direction,
      ns: Number((1e6 * ms / this.#sets / SET_PACKETS).toFixed(1)),
      check: this.#check,
      ...(detail !== undefined && { detail }),
    };
  }

  async #quickest(sets: number, both: boolean): Promise<number> {
    let quickest = Infinity;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      quickest = Math.min(quickest, await this.#request(sets, both));
    }
    return quickest;
  }

  async #request(sets: number, both: boolean): Promise<number> {
    const body = JSON.stringify({ ...this.#order, sets, both });
    const start = performance.now();
    const response = await fetch(this.#url, { method: "POST", body });
    const text = await response.text();
    const took = performance.now() - start;
    if (!response.ok) throw new Error(text);
    if (this.#check === "") this.#check = (JSON.parse(text) as { check: string }).check;
    return took;
  }
}
