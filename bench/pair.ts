/**
 * Runs one benchmark in two processes and passes their signaling between them.
 *
 * @module
 */

/** What to run. */
export interface RunSpec {
  /** Which benchmark of the worker. */
  readonly bench: "throughput" | "rate" | "latency" | "connect" | "memory";
  /** Bytes per message. */
  readonly size: number;
  /** Milliseconds, rounds or connections, as the benchmark takes it. */
  readonly amount: number;
  /** What to multiply the worker's figure with. */
  readonly scale?: number;
}

/** A pair that has not finished by then never will: connects time out in 30 s in every stack. */
const LIMIT_MS = 60_000;

interface WorkerLine {
  signal?: unknown;
  id?: number;
  ready?: boolean;
  result?: number;
}

class Worker {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(argv: readonly string[], onLine: (line: WorkerLine) => void) {
    this.#child = new Deno.Command(argv[0]!, {
      args: argv.slice(1),
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    void this.#read(onLine);
  }

  send(line: object): void {
    this.#writer.write(new TextEncoder().encode(JSON.stringify(line) + "\n")).catch(() => {});
  }

  async end(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await this.#child.status;
  }

  async #read(onLine: (line: WorkerLine) => void): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.startsWith("{")) onLine(JSON.parse(line));
    }
  }
}

/** Runs `spec` between two processes of `argv`; the figure comes from whichever end measures it. */
export async function runPair(argv: readonly string[], spec: RunSpec): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error("no result within a minute")), LIMIT_MS);
  const pass = (to: () => Worker) => (line: WorkerLine) => {
    if (line.signal !== undefined) to().send(line);
    else if (line.ready) a.send({ run: { ...spec, role: "a" } });
    else if (line.result !== undefined) resolve(line.result * (spec.scale ?? 1));
  };
  const a: Worker = new Worker(argv, (line) => line.ready || pass(() => b)(line));
  const b: Worker = new Worker(argv, pass(() => a));
  // The answering end is ready before the other one starts.
  b.send({ run: { ...spec, role: "b" } });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await Promise.all([a.end(), b.end()]);
  }
}
