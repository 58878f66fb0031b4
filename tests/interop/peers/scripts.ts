import { build } from "esbuild";

/** Where built agents and the environments of other languages lie; not committed. */
export const cache: URL = new URL("../../../.cache/interop/", import.meta.url);
const agents = new URL("../agents/", import.meta.url);

/** A file among the agents, as a path. */
export function agentPath(name: string): string {
  return decodeURIComponent(new URL(name, agents).pathname);
}

/** A file in the cache, as a path. */
export function cachePath(name: string): string {
  return decodeURIComponent(new URL(name, cache).pathname);
}

const built = new Map<string, Promise<string>>();

/** Each bundle is made once: before the tests, because esbuild keeps a process of its own. */
function once(name: string, make: () => Promise<string>): Promise<string> {
  const made = built.get(name) ?? make();
  built.set(name, made);
  return made;
}

/** Bundles a program for Node and Bun, once, and answers its path. */
export function nodeAgent(name: "foreign" | "sterna"): Promise<string> {
  return once(name, () => bundleAgent(name));
}

/** Bundles the script of the page, once, and answers its text. */
export function pageScript(): Promise<string> {
  return once("page", bundlePage);
}

async function bundleAgent(name: "foreign" | "sterna"): Promise<string> {
  const made = cachePath(`${name}.mjs`);
  const outfile = cachePath(`.${name}-${Deno.pid}.mjs`);
  await build({
    entryPoints: [agentPath(`w3c/${name}.ts`)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
  // Another run may be starting the one before.
  await Deno.rename(outfile, made);
  return made;
}

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [agentPath("w3c/page.ts")],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}
