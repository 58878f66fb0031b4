import type { Candidate, CandidateNotice, Op, Operations, Reply, Request } from "./protocol.ts";

/** How commands reach a stack. */
export interface Wire {
  /** Passes one command on. */
  send(request: Request): void;
  /** Ends the stack and everything that was started for it. */
  close(): Promise<void>;
}

/** What a stack cannot do, by the name of the scenario, with the reason. */
export type Exceptions = Readonly<Record<string, string>>;

/** What is different about a stack; each with the reason, which the run prints. */
export interface Traits {
  /** Scenarios that it cannot take part in, also for one role only: "… [offerer]". */
  readonly cannot?: Exceptions;
  /** Why it does not send empty messages. */
  readonly sendsNoEmpty?: string;
  /** Why its own channels need labels and protocols in ASCII. */
  readonly opensAscii?: string;
  /** Why its own channels are ordered when their reliability is limited. */
  readonly opensOrdered?: string;
  /** Why it misreports the kind of a channel: its order and its limits. */
  readonly misreportsKind?: string;
  /** Size of the bulk transfers, bytes; less for stacks that are slow. */
  readonly bulkBytes?: number;
  /** How many small messages, for stacks that are slow. */
  readonly smallMessages?: number;
}

/** After this long an operation has failed, milliseconds; connects time out in 15 s to 30 s. */
const LIMIT_MS = 12_000;
/** A stack that does not even tell that it waited in vain hangs, milliseconds. */
const GRACE_MS = 3_000;

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly timer: ReturnType<typeof setTimeout>;
  readonly what: string;
}

/** A WebRTC stack under command, behind any wire. */
export class Peer {
  readonly name: string;
  readonly traits: Traits;
  #wire: Wire | undefined;
  #nextId = 1;
  readonly #pending = new Map<number, Pending>();
  readonly #candidates = new Map<string, (candidate: Candidate | null) => void>();
  #dead: Error | undefined;

  constructor(name: string, traits: Traits = {}) {
    this.name = name;
    this.traits = traits;
  }

  /** Attaches the wire, once it exists. */
  attach(wire: Wire): this {
    this.#wire = wire;
    return this;
  }

  /** Carries out one operation and answers its result. */
  call<K extends Op>(
    op: K,
    args: Operations[K][0],
    limitMs: number = LIMIT_MS,
  ): Promise<Operations[K][1]> {
    const wire = this.#wire;
    if (this.#dead !== undefined || wire === undefined) {
      return Promise.reject(this.#dead ?? new Error(`${this.name} was not started`));
    }
    const id = this.#nextId++;
    const what = `${this.name}: ${op} ${JSON.stringify(args).slice(0, 120)}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`${what}: no answer within ${limitMs / 1000} s`));
      }, limitMs + GRACE_MS);
      this.#pending.set(id, {
        resolve: (result) => resolve(result as Operations[K][1]),
        reject,
        timer,
        what,
      });
      wire.send({ id, op, args, limitMs });
    });
  }

  /** Whom to tell of the candidates of a connection. */
  onCandidate(pc: string, callback: (candidate: Candidate | null) => void): void {
    this.#candidates.set(pc, callback);
  }

  /** What came over the wire. */
  receive(message: Reply | CandidateNotice): void {
    if ("event" in message) {
      this.#candidates.get(message.pc)?.(message.candidate);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if (message.error === undefined) pending.resolve(message.result);
    else pending.reject(new Error(`${pending.what}: ${message.error}`));
  }

  /** The stack is gone: nothing will be answered any more. */
  died(reason: string): void {
    this.#dead ??= new Error(`${this.name} ended: ${reason}`);
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(this.#dead);
    }
    this.#pending.clear();
  }

  /** Ends the stack. */
  async close(): Promise<void> {
    await this.#wire?.close();
    this.died("it was closed");
  }
}
