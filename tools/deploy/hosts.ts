/** The projects in `examples/deploy`: how each is built, and started on this machine. */
import { packageProgram } from "../packages.ts";
import type { PackageName } from "../versions.ts";
import { workerdConfiguration } from "./workerd.ts";
import { root } from "../test/process.ts";

/** One project. */
export interface DeployHost {
  /** Its folder below `examples/deploy`. */
  readonly name: string;
  /** What it deploys to, for people. */
  readonly title: string;
  /** The file with its build command. */
  readonly manifest: string;
  /** What the build makes. */
  readonly bundle: string;
  /** The pinned package that it is started with, if any. */
  readonly package?: PackageName;
  /** Whether it ends by itself when it is told to (SIGTERM): hosts of their own process drain. */
  readonly drains: boolean;
  /** The command that serves the bundle on a loopback port. */
  command(port: number, env: Readonly<Record<string, string>>): Promise<string[]>;
  /** Variables that only this host needs. */
  env?(port: number): Record<string, string>;
}

/** Where a project is. */
export function folderOf(host: DeployHost): string {
  return `${root}examples/deploy/${host.name}`;
}

/** All of them. */
export const deployHosts: readonly DeployHost[] = [
  {
    name: "node",
    title: "Node",
    manifest: "package.json",
    bundle: "dist/server.cjs",
    drains: true,
    command: () => Promise.resolve(["node", "dist/server.cjs"]),
  },
  {
    name: "bun",
    package: "bun",
    title: "Bun",
    manifest: "package.json",
    bundle: "dist/server.js",
    drains: true,
    command: async () => [await packageProgram("bun", "bun"), "dist/server.js"],
  },
  {
    name: "deno-deploy",
    title: "Deno Deploy",
    manifest: "deno.json",
    bundle: "dist/server.js",
    drains: false,
    env: (port) => ({ DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`, KV_PATH: ":memory:" }),
    command: () =>
      Promise.resolve([
        Deno.execPath(),
        ...["run", "--quiet", "--no-config", "--allow-net", "--allow-env"],
        ...["--unstable-kv", "--unstable-broadcast-channel", "dist/server.js"],
      ]),
  },
  {
    name: "cloudflare",
    title: "Cloudflare Workers",
    manifest: "package.json",
    package: "workerd",
    bundle: "dist/worker.js",
    drains: false,
    command: async (port, env) => {
      const workerd = await packageProgram("workerd", "workerd");
      const dist = `${root}examples/deploy/cloudflare/dist`, file = `${dist}/workerd.capnp`;
      await Deno.remove(`${dist}/objects`, { recursive: true }).catch(() => {});
      await Deno.mkdir(`${dist}/objects`);
      await Deno.writeTextFile(file, await workerdConfiguration(port, `${dist}/objects`, env));
      return [workerd, "serve", "--experimental", file];
    },
  },
];
