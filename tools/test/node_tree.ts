import { build } from "esbuild";
import { copyFixtures, testFiles } from "./files.ts";
import { root } from "./process.ts";

/** Where the JavaScript tree for Node lies, relative to the repository. */
export const NODE_TREE = ".cache/node";

/**
 * Compiles sources and tests file by file into a tree of the same shape, because Node 20 runs no
 * TypeScript. Nothing is bundled: a module is loaded once, by whoever imports it.
 */
export async function compileForNode(): Promise<void> {
  const entryPoints = await testFiles(["src", "wasm", "tests", "tools", "examples"], /\.ts$/);
  await Deno.remove(root + NODE_TREE, { recursive: true }).catch(() => {});
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: NODE_TREE,
    outbase: ".",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    logLevel: "error",
    plugins: [{
      name: "keep-the-tree",
      setup(plugin) {
        plugin.onResolve({ filter: /./ }, (found) => {
          if (found.kind === "entry-point") return undefined;
          const relative = found.path.startsWith(".");
          const path = relative ? found.path.replace(/\.ts$/, ".js") : found.path;
          return { path, external: true };
        });
      },
    }],
  });
  await copyFixtures(["src", "tests", "examples"], NODE_TREE);
  await Deno.writeTextFile(`${root}${NODE_TREE}/package.json`, '{ "type": "module" }\n');
}
