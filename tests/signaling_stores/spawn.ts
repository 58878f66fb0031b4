/** Servers of others on loopback, each with a folder of its own, ended by their process id. */
import process from "node:process";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Longest time a server may take to answer, milliseconds. */
const START_MS = 20_000;

/** A server that runs. */
export interface Program {
  readonly port: number;
  /** Ends it as a crash would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  /** Ends it for good and forgets its folder. */
  close(): Promise<void>;
}

/** The path of an installed program, or why it cannot be used. */
export function findProgram(name: string): { path: string } | { missing: string } {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
  const path = folders.map((folder) => join(folder, name)).find((each) => existsSync(each));
  return path === undefined ? { missing: `${name} is not installed` } : { path };
}

/** Starts a server; `args` gets its port and an empty folder. */
export async function startProgram(
  path: string,
  args: (port: number, folder: string) => string[],
): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), "sterna-store-"));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(path, args(port, folder), { stdio: "ignore", cwd: folder });
    await untilOpen(port, child);
  };
  const kill = async (): Promise<void> => {
    const dying = child;
    child = undefined;
    if (dying === undefined || dying.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => dying.once("exit", () => resolve()));
    dying.kill("SIGKILL");
    await gone;
  };
  const close = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return { port, start, kill, close };
}

/** A port of loopback that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  const end = performance.now() + START_MS;
  while (!await isOpen(port)) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`);
    if (performance.now() > end) throw new Error(`the server does not listen on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}
