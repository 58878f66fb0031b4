/** Child processes with a limit: what hangs is killed together with everything that it started. */

import { stripVTControlCharacters } from "node:util";

/** What to run. */
export interface Run {
  /** Path or name of the program. */
  readonly command: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where, by default the repository. */
  readonly cwd?: string;
  /** After this long the process group is killed, milliseconds. */
  readonly limitMs: number;
  /** Called for each line of either output stream. */
  readonly onLine?: (line: string) => void;
}

/** How it ended. */
export interface RunResult {
  /** Exit code; 128 + signal number when it was killed. */
  readonly code: number;
  /** Whether the limit struck. */
  readonly timedOut: boolean;
  /** Both streams, in the order of arrival, without colours. */
  readonly output: string;
}

/** The repository. */
export const root: string = decodeURIComponent(new URL("../../", import.meta.url).pathname);

const running = new Set<Deno.ChildProcess>();

/** Kills what still runs when the user interrupts. */
export function killChildrenOnInterrupt(): void {
  Deno.addSignalListener("SIGINT", () => {
    for (const child of running) killGroup(child);
    Deno.exit(130);
  });
}

/** Runs a program to its end, or to its limit. */
export async function runProcess(run: Run): Promise<RunResult> {
  const child = new Deno.Command(run.command, {
    args: [...run.args],
    cwd: run.cwd ?? root,
    env: { NO_COLOR: "1", ...run.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  running.add(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, run.limitMs);
  const output: string[] = [];
  const keep = (line: string): void => {
    output.push(line);
    run.onLine?.(line);
  };
  try {
    const streams = Promise.all([readLines(child.stdout, keep), readLines(child.stderr, keep)]);
    const { code } = await child.status;
    // A grandchild that outlives its parent holds the pipes open: it is a leak, and is ended.
    killGroup(child);
    await streams;
    return { code, timedOut, output: output.join("\n") };
  } finally {
    clearTimeout(timer);
    running.delete(child);
  }
}

function killGroup(child: Deno.ChildProcess): void {
  try {
    // `detached` made it the leader of a group of its own; a negative id means the whole group.
    Deno.kill(-child.pid, "SIGKILL");
  } catch {
    // The group has ended already.
  }
}

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  keep: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) keep(stripVTControlCharacters(line));
  }
  if (rest !== "") keep(stripVTControlCharacters(rest));
}
