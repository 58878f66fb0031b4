import { build } from "esbuild";
import { packageProgram } from "../packages.ts";
import { copyFixtures, testFiles } from "./files.ts";
import { brokenOutcome, type Outcome } from "./outcome.ts";
import { root, runProcess } from "./process.ts";
import type { Progress } from "./runners.ts";

const FOLDER = `${root}.cache/workerd`;

/** The Rust core, which workerd compiles when it loads the worker, and never later. */
const WASM = "sterna_crypto.wasm";

/** Registers the core before any test file looks for it. */
const WASM_SETUP = "wasm-setup";

/** The worker, and beside it the fixtures, which `node:fs` finds below `/bundle`. */
function configuration(fixtures: readonly string[]): string {
  const modules = fixtures.map((file) => `(name = "${file}", data = embed "${file}"),`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(
    name = "main",
    worker = (
      modules = [
        (name = "worker", esModule = embed "worker.js"),
        (name = "${WASM}", wasm = embed "${WASM}"),
        ${modules.join("\n        ")}
      ],
      compatibilityDate = "2026-10-01",
    ),
  )],
);
`;
}

/**
 * Bundles the tests of some folders, and further files, into one worker and runs them with
 * `workerd test`.
 */
export async function runWorkerd(
  layers: readonly string[],
  more: readonly string[],
  limitMs: number,
  progress: Progress,
): Promise<Outcome> {
  const workerd = await packageProgram("workerd", "workerd");
  await Deno.remove(FOLDER, { recursive: true }).catch(() => {});
  const fixtures = await copyFixtures(layers, ".cache/workerd");
  await Deno.writeTextFile(`${FOLDER}/config.capnp`, configuration(fixtures));
  await Deno.copyFile(`${root}wasm/${WASM}`, `${FOLDER}/${WASM}`);
  await bundleWorker([...await testFiles(layers, /_test\.ts$/), ...more]);
  const result = await runProcess({
    command: workerd,
    args: ["test", `${FOLDER}/config.capnp`],
    limitMs,
    onLine: (line) => {
      if (/^\((pass|skip|fail)\)/.test(line)) progress(line);
    },
  });
  const count = (word: string): number => result.output.split(`\n(${word}) `).length - 1;
  const counted = { passed: count("pass"), failed: count("fail"), skipped: count("skip") };
  const tail = result.output.split("\n").filter((line) => !/^\((pass|skip)\)/.test(line)).slice(-80)
    .join("\n");
  if (result.timedOut) {
    return {
      ...counted,
      failed: counted.failed + 1,
      details: `killed after its limit of ${limitMs / 1000} s\n${tail}`,
    };
  }
  if (counted.failed > 0) return { ...counted, details: tail };
  if (result.code !== 0 || count("done") !== 1 || counted.passed === 0) {
    return { ...counted, ...brokenOutcome(`exit code ${result.code}\n${tail}`) };
  }
  return { ...counted, details: "" };
}

async function bundleWorker(files: readonly string[]): Promise<void> {
  const shim = `${root}tools/test/workerd_shim.ts`;
  const imports = files.map((file) => `import ${JSON.stringify(root + file)};`).join("\n");
  await build({
    stdin: {
      contents: `import "${WASM_SETUP}";
${imports}
import { runAll } from ${JSON.stringify(shim)};
console.log("");
export default { test: runAll };
`,
      resolveDir: root,
      loader: "ts",
    },
    outfile: `${FOLDER}/worker.js`,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "import"],
    target: "es2024",
    external: ["node:*", "cloudflare:*", WASM],
    alias: { "node:test": shim },
    logLevel: "error",
    plugins: [{
      name: "files-in-the-bundle",
      setup(plugin) {
        plugin.onResolve({ filter: new RegExp(WASM_SETUP) }, ({ path }) => ({
          path,
          namespace: path,
        }));
        plugin.onLoad({ filter: /^/, namespace: WASM_SETUP }, () => ({
          contents: `import core from "${WASM}";
import { useWasmModule } from ${JSON.stringify(`${root}src/host/wasm_core.ts`)};
useWasmModule(core);`,
          resolveDir: root,
        }));
        plugin.onLoad({ filter: /\/tests\/.*\.ts$/ }, async ({ path }) => {
          const url = JSON.stringify(`file:///bundle/${path.slice(root.length)}`);
          const source = await Deno.readTextFile(path);
          return { contents: source.replaceAll("import.meta.url", url), loader: "ts" };
        });
      },
    }],
  });
}
