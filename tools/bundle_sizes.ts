/**
 * What the parts of signaling weigh in a page or on an edge host: bundled and minified by esbuild, then
 * compressed by gzip. Fails when one is above its limit.
 *
 * @module
 */
import { build, stop } from "esbuild";
import { gzipSync } from "node:zlib";
import { root } from "./test/process.ts";

/** A bundle. */
export interface BundleKind {
  /** What it is called in the table. */
  readonly name: string;
  /** Its module: an import of the package's sources. */
  readonly source: string;
  /** Packages that are not counted. */
  readonly external?: readonly string[];
  /** The most it may weigh, bytes after gzip. */
  readonly limit?: number;
}

/** How large a bundle came out, bytes. */
export interface BundleSize {
  readonly name: string;
  readonly minified: number;
  readonly gzipped: number;
  readonly limit?: number;
}

const routes = 'export { signaling } from "./src/signaling/routes.ts";';

/** Every bundle that has a place in the table. */
export const BUNDLES: readonly BundleKind[] = [
  {
    name: "client: everything of `./signaling/client`",
    source: 'export * from "./src/signaling/client.ts";',
    limit: 8000,
  },
  {
    name: "client: `SignalingClient` alone",
    source: 'export { SignalingClient } from "./src/signaling/client.ts";',
  },
  {
    name: "client: `joinWithSimplePeer`",
    source: 'export { joinWithSimplePeer } from "./src/signaling/simple_peer.ts";',
  },
  // They are mounted in an application that has Hono already.
  {
    name: "routes: `signaling()` without Hono",
    source: routes,
    external: ["hono"],
    limit: 30_000,
  },
  { name: "routes: `signaling()`, Hono included", source: routes },
];

/** Builds one bundle and weighs it. */
export async function measure(kind: BundleKind): Promise<BundleSize> {
  const { name, source, external = [], limit } = kind;
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: [...external],
    logLevel: "error",
  });
  const code = outputFiles[0]!.contents;
  const gzipped = gzipSync(code, { level: 9 }).length;
  return { name, minified: code.length, gzipped, ...(limit !== undefined && { limit }) };
}

/** The table in Markdown. */
export function sizeTable(sizes: readonly BundleSize[]): string {
  const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  const rows = sizes.map(({ name, minified, gzipped, limit }) =>
    `| ${name} | ${kB(minified)} | ${kB(gzipped)} | ${limit === undefined ? "" : kB(limit)} |`
  );
  return ["| bundle | minified | gzip | limit |", "|---|---|---|---|", ...rows].join("\n");
}

if (import.meta.main) {
  const sizes: BundleSize[] = [];
  for (const kind of BUNDLES) sizes.push(await measure(kind));
  await stop();
  console.log(sizeTable(sizes));
  const heavy = sizes.filter(({ gzipped, limit = Infinity }) => gzipped > limit);
  for (const { name, gzipped, limit } of heavy) {
    console.error(`${name}: ${gzipped} bytes, more than ${limit}`);
  }
  if (heavy.length > 0) Deno.exit(1);
}
