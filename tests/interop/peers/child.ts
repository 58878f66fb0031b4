import type { CandidateNotice, Reply } from "../protocol.ts";
import type { Peer, Wire } from "../peer.ts";

/** How a program is started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it is written to. */
  readonly stdin?: boolean;
}

/** A process that was told to leave gets this long, milliseconds. */
const LEAVE_MS = 5_000;
/** Lines of its error output that are kept for the report of a failure. */
const KEPT_LINES = 20;

/** A child process in a group of its own, so that what it starts ends with it. */
export class Child {
  readonly process: Deno.ChildProcess;
  readonly #log: string[] = [];
  readonly #reading: Promise<unknown>;
  readonly ended: Promise<Deno.CommandStatus>;

  constructor({ command, args, env, stdin }: Program, onLine: (line: string) => void) {
    this.process = new Deno.Command(command, {
      args: [...args],
      env: { ...env },
      stdin: stdin ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.ended = this.process.status;
    this.#reading = Promise.all([
      readLines(this.process.stdout, onLine),
      readLines(this.process.stderr, (line) => {
        this.#log.push(line);
        if (this.#log.length > KEPT_LINES) this.#log.shift();
      }),
    ]);
  }

  /** The end of its error output. */
  get log(): string {
    return this.#log.join("\n");
  }

  /** Ends the whole group at once. */
  async kill(): Promise<void> {
    this.#killGroup();
    await this.ended;
    await this.#reading;
  }

  /** Waits for it to end by itself; answers whether it did before its time was over. */
  async leave(limitMs: number = LEAVE_MS): Promise<boolean> {
    let left = true;
    const timer = setTimeout(() => {
      left = false;
      this.#killGroup();
    }, limitMs);
    await this.ended;
    clearTimeout(timer);
    this.#killGroup();
    await this.#reading;
    return left;
  }

  #killGroup(): void {
    try {
      Deno.kill(-this.process.pid, "SIGKILL");
    } catch {
      // Nothing of the group is left.
    }
  }
}

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  }
  if (rest !== "") onLine(rest);
}

/** Drives a stack in a program that reads commands from its standard input. */
export function attachProgram(peer: Peer, program: Program, mustLeave = false): Peer {
  const child = new Child({ ...program, stdin: true }, (line) => {
    // Anything else is chatter of the stack.
    if (line.startsWith("{")) peer.receive(JSON.parse(line) as Reply | CandidateNotice);
  });
  const writer = child.process.stdin.getWriter();
  const encoder = new TextEncoder();
  void child.ended.then(({ code, signal }) => {
    peer.died(`code ${code}${signal === null ? "" : `, ${signal}`}\n${child.log}`);
  });
  const wire: Wire = {
    send: (request) => {
      writer.write(encoder.encode(JSON.stringify(request) + "\n")).catch(() => {});
    },
    async close() {
      await writer.close().catch(() => {});
      const left = await child.leave();
      if (mustLeave && !left) throw new Error(`${peer.name} did not end by itself after close()`);
    },
  };
  return peer.attach(wire);
}
