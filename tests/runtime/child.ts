/** Children of the runtime that the tests run in. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Starts a program of this folder: `program`, without extension. */
export function start(program: string, ...args: readonly string[]): ChildProcess {
  const extension = import.meta.url.endsWith(".js") ? ".js" : ".ts";
  const file = fileURLToPath(new URL(`./${program}${extension}`, import.meta.url));
  const flags = "Deno" in globalThis
    ? ["run", "--allow-all", "--unstable-net", "--no-check", "--quiet"]
    : [];
  const child = spawn(process.execPath, [...flags, file, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  // A child that has died does not listen any more.
  child.stdin!.on("error", () => {});
  return child;
}

/** How a child ended, and everything that it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Fulfils when the child has ended and everything that it said was read. */
export function ended(child: ChildProcess): Promise<Ending> {
  let output = "";
  child.stdout!.on("data", (chunk) => output += chunk);
  child.stderr!.on("data", (chunk) => output += chunk);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, output }));
  });
}
