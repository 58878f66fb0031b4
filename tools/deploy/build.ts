/** Builds a project of `examples/deploy` with the very command that its users type. */
import { entryPoints } from "../package/exports.ts";
import { root, runProcess } from "../test/process.ts";
import { type DeployHost, folderOf } from "./hosts.ts";

/** What a build made. */
export interface BuiltBundle {
  /** Minified, bytes. */
  readonly bytes: number;
  /** Compressed by gzip, bytes. */
  readonly gzipBytes: number;
}

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly tasks?: Readonly<Record<string, string>>;
}

const BUILD_LIMIT_MS = 60_000;

/** Runs the project's `build`, with this repository in the place of the package `@sterna/webrtc`. */
export async function buildProject(host: DeployHost): Promise<BuiltBundle> {
  const cwd = folderOf(host);
  const manifest = JSON.parse(await Deno.readTextFile(`${cwd}/${host.manifest}`)) as Manifest;
  const command = (manifest.scripts ?? manifest.tasks)?.["build"];
  if (command === undefined) throw new Error(`${host.name} has no build command`);
  const aliases = Object.entries(await entryPoints()).filter(([name]) => name !== ".").map(
    ([name, path]) => `--alias:@sterna/webrtc${name.slice(1)}=${root}${path.replace("./", "")}`,
  );
  const result = await runProcess({
    command: "sh",
    args: ["-c", `${command} --log-level=warning ${aliases.join(" ")}`],
    cwd,
    env: { PATH: `${root}node_modules/.bin:${Deno.env.get("PATH") ?? ""}` },
    limitMs: BUILD_LIMIT_MS,
  });
  if (result.code !== 0) throw new Error(`${host.name} cannot be built:\n${result.output}`);
  const bundle = await Deno.readFile(`${cwd}/${host.bundle}`);
  return { bytes: bundle.length, gzipBytes: await gzipSize(bundle) };
}

/** Bytes after compression. */
export async function gzipSize(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}
