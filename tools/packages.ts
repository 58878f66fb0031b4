/**
 * Pinned npm packages that are no dependencies: other runtimes, other WebRTC stacks. They are
 * installed on first use below `.cache/npm`, each on its own, through the npm client. Works in Deno,
 * Node and Bun, so that tests, benches and child processes can all ask.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type PackageName, VERSIONS } from "./versions.ts";

const cache = fileURLToPath(new URL("../.cache/npm/", import.meta.url));

/** A package that npm could not install: no network, or no build for this platform. */
export class PackageError extends Error {
  /** @param message what to tell the user */
  constructor(message: string) {
    super(message);
    this.name = "PackageError";
  }
}

/**
 * Installs a package of {@linkcode VERSIONS} unless it is there, and returns the folder whose
 * `node_modules` holds it.
 *
 * @throws {PackageError} when npm fails
 */
export async function installPackage(name: PackageName): Promise<string> {
  const home = `${cache}${name.replaceAll("/", "+")}@${VERSIONS[name].replace(/^npm:.*@/, "")}`;
  if (existsSync(home)) return home;
  await mkdir(cache, { recursive: true });
  const building = await mkdtemp(`${cache}.building-`);
  try {
    await writeFile(`${building}/package.json`, '{ "private": true }\n');
    await npm(["install", "--no-audit", "--no-fund", "--no-save", packageSpec(name)], building);
    // Two processes may have built it at once: the first to rename wins, the other one's goes.
    await rename(building, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return home;
}

/** Installs a package if need be and returns the path of a program that it brings. */
export async function packageProgram(name: PackageName, program: string): Promise<string> {
  return `${await installPackage(name)}/node_modules/.bin/${program}`;
}

/** Installs a package if need be and imports it. The caller states its type. */
export async function importPackage<T>(name: PackageName): Promise<T> {
  const home = await installPackage(name);
  const path = createRequire(`${home}/package.json`).resolve(name);
  return await import(pathToFileURL(path).href) as T;
}

/**
 * Why a package cannot be used here, or `undefined` when it is ready: the `skip` of a test.
 *
 * @example
 * ```ts ignore
 * test("…", body, { skip: await packageMissing("werift") });
 * ```
 */
export async function packageMissing(...names: PackageName[]): Promise<string | undefined> {
  try {
    for (const name of names) await installPackage(name);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function packageSpec(name: PackageName): string {
  const version = VERSIONS[name];
  return version.startsWith("npm:") ? version.slice(4) : `${name}@${version}`;
}

/** Runs the npm client in `cwd` and returns what it printed. */
export function npm(args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // Deno's npm variables would make a nested npm think that it runs inside a script.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) =>
        !/^npm_(lifecycle|package|command)/.test(name)
      ),
    );
    const child = spawn("npm", args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let out = "", log = "";
    child.stdout.on("data", (chunk: Uint8Array) => out += new TextDecoder().decode(chunk));
    child.stderr.on("data", (chunk: Uint8Array) => log += new TextDecoder().decode(chunk));
    child.on("error", (error) => reject(new PackageError(`npm cannot be run: ${error.message}`)));
    child.on("close", (code) => {
      if (code === 0) resolve(out);
      else reject(new PackageError(`npm ${args.join(" ")} failed: ${lastError(log)}`));
    });
  });
}

function lastError(log: string): string {
  const lines = log.split("\n").filter((line) => line.startsWith("npm error"));
  return lines[0]?.slice("npm error ".length) ?? log.trim().split("\n").at(-1) ?? "";
}
