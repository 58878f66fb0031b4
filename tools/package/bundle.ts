import { build, type Metafile } from "esbuild";
import { root } from "../test/process.ts";

/** What the bundler made. */
export interface Bundle {
  /** How many JavaScript files. */
  readonly files: number;
  /** Their size. */
  readonly bytes: number;
  /** npm packages that they import. */
  readonly packages: readonly string[];
}

/** Entry points that need a UDP socket; all others also run where there is no `node:` module. */
export const NEEDS_HOST: ReadonlySet<string> = new Set([".", "./polyfill"]);

/** The name of an entry point's files in the package: `mod` for `.`, `stun` for `./stun`. */
export function entryName(subpath: string): string {
  return subpath === "." ? "mod" : subpath.slice("./".length);
}

/**
 * Bundles each entry point; what several of them use becomes a chunk, so that a class is one class
 * whichever way it is imported. Dependencies and `node:` modules stay imports.
 */
export async function bundlePackage(
  entries: Readonly<Record<string, string>>,
  out: string,
): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([subpath, file]) => [entryName(subpath), file]),
    ),
    outdir: out,
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    format: "esm",
    platform: "neutral",
    target: "es2022",
    packages: "external",
    external: ["node:*"],
    charset: "utf8",
    metafile: true,
    logLevel: "error",
  });
  const outputs = Object.values(metafile.outputs);
  const packages = new Set<string>();
  for (const { path, external } of outputs.flatMap((output) => output.imports)) {
    if (external !== true) continue;
    const name = /^(@[^/]+\/[^/]+|[^@./][^/:]*)(\/|$)/.exec(path)?.[1];
    if (name !== undefined) packages.add(name);
  }
  for (const [subpath, file] of Object.entries(entries)) {
    if (!NEEDS_HOST.has(subpath)) refuseNodeModules(metafile, subpath, file);
  }
  return {
    files: outputs.length,
    bytes: outputs.reduce((sum, output) => sum + output.bytes, 0),
    packages: [...packages].sort(),
  };
}

/** An entry point for edge hosts must not reach a `node:` module, not even through a chunk. */
function refuseNodeModules(metafile: Metafile, subpath: string, file: string): void {
  const start = Object.entries(metafile.outputs)
    .find(([, output]) => output.entryPoint === file)?.[0];
  const seen = new Set<string>();
  const queue = start === undefined ? [] : [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (path.startsWith("node:")) {
      throw new Error(`${subpath} reaches ${path}, but it must run where there is no such module`);
    }
    if (seen.has(path)) continue;
    seen.add(path);
    queue.push(...(metafile.outputs[path]?.imports ?? []).map((found) => found.path));
  }
}
