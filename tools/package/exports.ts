import { root } from "../test/process.ts";

/** What the tools read of deno.json. */
export interface Manifest {
  /** `@sterna/webrtc` */
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  /** SPDX identifier. */
  readonly license: string;
  /** Entry points: subpath to source file. */
  readonly exports: Readonly<Record<string, string>>;
  /** The import map. */
  readonly imports: Readonly<Record<string, string>>;
}

/** Reads deno.json, the one place that names version, entry points and dependencies. */
export async function readManifest(): Promise<Manifest> {
  return JSON.parse(await Deno.readTextFile(`${root}deno.json`)) as Manifest;
}

/** Entry points: subpath to source file, relative to the repository. */
export async function entryPoints(): Promise<Record<string, string>> {
  const { exports } = await readManifest();
  return Object.fromEntries(
    Object.entries(exports).map(([subpath, file]) => [subpath, file.replace(/^\.\//, "")]),
  );
}
