/** Examples as processes of their own. */

const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** A running example, and what it prints. */
export class Program {
  /** Everything on standard output so far. */
  output = "";
  /** Everything on standard error so far. */
  errors = "";
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #heard: () => void = () => {};

  /** Starts `examples/FILE`. */
  constructor(file: string, ...args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", "--unstable-net", "--no-check", "--quiet"],
        `${root}examples/${file}`,
        ...args,
      ],
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = Promise.all([
      this.#read(this.#child.stdout, (text) => this.output += text),
      this.#read(this.#child.stderr, (text) => this.errors += text),
    ]);
  }

  async #read(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      take(decoder.decode(chunk, { stream: true }));
      this.#heard();
    }
    this.#heard();
  }

  /** The first group of `pattern`, as soon as it was printed on standard output. */
  async printed(pattern: RegExp): Promise<string> {
    let ended = false;
    void this.#reading.then(() => ended = true);
    for (;;) {
      const found = pattern.exec(this.output);
      if (found !== null) return found[1] ?? found[0];
      if (ended) throw new Error(`it ended without ${pattern}: ${this.output}${this.errors}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
        void this.#reading.then(() => resolve());
      });
    }
  }

  /** Its exit code, once it has ended and everything was read. */
  async ended(): Promise<number> {
    await this.#reading;
    return (await this.#child.status).code;
  }

  /** Ends it, if it still runs. */
  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.ended();
  }
}
