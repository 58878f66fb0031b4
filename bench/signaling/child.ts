/** Child processes that say lines of JSON. */

/** A process, and the lines it prints. */
export class LineProcess {
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  constructor(argv: readonly string[], env: Record<string, string> = {}) {
    const [command, ...args] = argv;
    this.#child = new Deno.Command(command!, {
      args,
      env: { NO_COLOR: "1", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.pid = this.#child.pid;
    this.#input = this.#child.stdin.getWriter();
    this.#lines = lines(this.#child.stdout);
  }

  /** The next line of JSON that has `key`; others are passed over. */
  async next<Value>(key: string): Promise<Value> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error("the process ended");
      if (!value.startsWith("{")) continue;
      const message = JSON.parse(value);
      if (key in message) return message as Value;
    }
  }

  /** Writes a line. */
  async tell(message: unknown): Promise<void> {
    await this.#input.write(new TextEncoder().encode(JSON.stringify(message) + "\n"));
  }

  /** Memory that is in use now (`VmRSS` of proc(5)), bytes. */
  memory(): number {
    const status = Deno.readTextFileSync(`/proc/${this.pid}/status`);
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** Ends it. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    try {
      this.#child.kill(signal);
    } catch {
      // It ended by itself.
    }
    await this.#input.close().catch(() => {});
    while (!(await this.#lines.next()).done);
    await this.#child.status;
  }
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const all = (rest + text).split("\n");
    rest = all.pop()!;
    yield* all;
  }
}
