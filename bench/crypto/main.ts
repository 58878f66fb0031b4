/**
 * The benchmark of SRTP: our providers beside `node:crypto`, werift, noble, libsrtp and OpenSSL, in
 * every runtime that is here.
 *
 * ```
 * deno task bench:crypto                       everything, as tables
 * deno task bench:crypto --json                one line of JSON per result (results.ts)
 * deno task bench:crypto --markdown            tables, and what they were measured with
 * deno task bench:crypto --quick --runtime=deno,bun --profile=GCM --size=160,1200 --measure=time
 * deno task bench:crypto --page                a page that measures in your own browser
 * ```
 *
 * @module
 */
import { stop } from "esbuild";
import { cpus } from "node:os";
import { measureWorkerd } from "./edge.ts";
import { buildPrograms, type BuiltProgram, runProgram } from "./native_programs.ts";
import { type BenchOptions, readOptions } from "./options.ts";
import { servePage } from "./page_server.ts";
import type { CryptoBenchResult } from "./results.ts";
import { type Bundles, bundleWorkers, measureStart, runWorker } from "./runtimes.ts";
import { allTables } from "./tables.ts";

/** Collects results, prints them or keeps them, and shows how far it is. */
class Output {
  readonly results: CryptoBenchResult[] = [];
  readonly #json: boolean;

  constructor(json: boolean) {
    this.#json = json;
  }

  readonly add = (result: CryptoBenchResult): void => {
    this.results.push(result);
    if (this.#json) console.log(JSON.stringify(result));
  };

  /** One line that is overwritten by the next. */
  progress(text: string): void {
    if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(encoder.encode(`\r\x1b[K${text}`));
  }

  note(runtime: string, text: string): void {
    this.progress("");
    console.error(`${runtime}: ${text}`);
    this.add({ kind: "note", runtime, text });
  }
}

const encoder = new TextEncoder();

async function main(): Promise<void> {
  const options = readOptions(Deno.args);
  if (options.page) {
    const { port } = await servePage({ port: options.port });
    return console.log(`Open http://127.0.0.1:${port}/ in the browser that is to be measured.`);
  }
  const output = new Output(options.output === "json");
  const programs = options.measures.includes("time")
    ? await buildPrograms((text) => output.note("native", text))
    : [];
  const bundles = await bundleWorkers();
  for (const runtime of options.runtimes) {
    try {
      await measureRuntime(runtime, bundles, programs, options, output);
    } catch (error) {
      output.note(runtime, (error as Error).message);
    }
  }
  output.progress("");
  if (options.output === "markdown") console.log(`${machine()}\n`);
  if (options.output !== "json") console.log(allTables(output.results));
  await stop();
}

async function measureRuntime(
  runtime: string,
  bundles: Bundles,
  programs: readonly BuiltProgram[],
  options: BenchOptions,
  output: Output,
): Promise<void> {
  const { profiles, sizes, effort, measures } = options;
  const progress = (text: string): void => output.progress(`${runtime}: ${text}`);
  for (const program of programs) {
    progress(`${program.name} in C`);
    for (const result of await runProgram(program, options, runtime)) output.add(result);
  }
  if (runtime === "workerd") {
    if (measures.includes("time")) await measureWorkerd(options, output.add, progress);
    return;
  }
  const orders = { runtime, profiles, sizes, effort };
  if (measures.includes("time")) {
    await runWorker(bundles, { mode: "time", ...orders }, output.add, progress);
  }
  if (measures.includes("allocation")) {
    const run = { mode: "allocation" as const, ...orders, sizes: [Math.max(...sizes)] };
    // The lengths of tags and keys make no difference to garbage.
    const some = profiles.filter((one) => /SHA1_80|128_GCM/.test(one));
    if (some.length > 0) run.profiles = some;
    await runWorker(bundles, run, output.add, progress);
  }
  if (measures.includes("start")) {
    progress("fresh processes");
    output.add(await measureStart(bundles, runtime, options));
  }
}

/** What the figures were measured with. */
function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown processor";
  const mhz = processors[0]?.speed ?? 0;
  const load = Deno.loadavg()[0]!.toFixed(1);
  const date = new Date().toISOString().slice(0, 10);
  const { os, arch } = Deno.build;
  return `${date}; ${processors.length} × ${model}${mhz > 0 ? ` at ${mhz} MHz` : ""}, ${os} on ` +
    `${arch}, load ${load} at the end.`;
}

await main();
