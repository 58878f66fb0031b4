/** Connects the room machine to real sockets, a store, a real clock and one real timer. */
import { NEVER } from "../base/mod.ts";
import type { RoomAction } from "./actions.ts";
import type { ConnectOptions } from "./connection.ts";
import type { SignalingErrorCode } from "./errors.ts";
import type { Identity } from "./grants.ts";
import type { RoomEntry } from "./room_entry.ts";
import { RoomMachine, type RoomMachineOptions, type RoomStats } from "./room_machine.ts";
import type { RoomRequest } from "./room_request.ts";
import type { Refusal } from "./sanity.ts";
import type { KeepAlive, MaybePromise, RoomFollower, RoomLog, RoomStore } from "./store.ts";
import type { SocketHandlers, SocketPort } from "./upgrade.ts";

/** What a {@linkcode Switchboard} needs besides what its machine needs. */
export interface SwitchboardOptions extends Omit<RoomMachineOptions, "entropy"> {
  /** Where rooms live. */
  store: RoomStore;
  /** Verifies the token of a join. */
  verify?: ((token: string) => Promise<Identity | Refusal>) | undefined;
}

/** WebSocket close codes (RFC 6455 §7.4.1) of those who leave on purpose: 1000, or none given. */
const LEAVING_CODES: ReadonlySet<number | undefined> = new Set([1000, 1005]);

type Opening = RoomAction & { type: "open" };

/**
 * One machine, the sockets it speaks through and the store of its rooms.
 *
 * @example
 * ```ts
 * import { MemoryStore, Switchboard } from "@sterna/webrtc/signaling";
 *
 * const board = new Switchboard({ store: new MemoryStore() });
 * const handlers = board.attach(); // give it the events of a WebSocket
 * handlers.open({
 *   send: (text) => text.length > 0,
 *   close: () => {},
 *   bufferedAmount: () => 0,
 * });
 * board.close();
 * ```
 */
export class Switchboard {
  readonly #machine: RoomMachine;
  readonly #store: RoomStore;
  readonly #verify: SwitchboardOptions["verify"];
  readonly #ports = new Map<number, SocketPort>();
  readonly #logs = new Map<number, RoomLog>();
  /** Entries of the step at work, by room: one append each. */
  #appends = new Map<number, RoomEntry[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = NEVER;
  #isAtWork = false;
  /** Who waits for the last connection to go. */
  readonly #whenEmpty: (() => void)[] = [];
  #isClosed = false;
  #storeErrors = 0;

  /** Starts without connections. */
  constructor(options: SwitchboardOptions) {
    const entropy = (out: Uint8Array): void => {
      crypto.getRandomValues(out as Uint8Array<ArrayBuffer>);
    };
    this.#store = options.store;
    this.#verify = options.verify;
    this.#machine = new RoomMachine({ ...options, entropy });
  }

  /** The machine; after a call of one of its inputs call {@linkcode Switchboard.step}. */
  get machine(): RoomMachine {
    return this.#machine;
  }

  /** How often the store failed. */
  get storeErrors(): number {
    return this.#storeErrors;
  }

  /** Levels and counters of the machine. */
  stats(): RoomStats {
    return this.#machine.stats();
  }

  /** Milliseconds of the clock that the machine is driven with. */
  now(): number {
    return performance.now();
  }

  /** Handlers for one new socket or stream. */
  attach(options: ConnectOptions = {}): SocketHandlers {
    let id: number | undefined;
    return {
      open: (port) => {
        const result = this.#machine.connect(this.now(), options);
        if (typeof result === "string") return port.close(1013, result);
        id = result;
        this.#ports.set(id, port);
        this.step();
      },
      message: (text) => {
        if (id === undefined) return;
        this.#machine.handleMessage(this.now(), id, text);
        this.step();
      },
      close: (code) => {
        if (id !== undefined) this.#disconnect(id, LEAVING_CODES.has(code));
      },
    };
  }

  /**
   * Takes a socket over that outlived this instance's memory. `id`, `room` and `session` are what
   * {@linkcode RoomMachine.placeOf} said of it.
   */
  adopt(
    id: number,
    place: { room: string; session: string },
    port: SocketPort,
    options: ConnectOptions = {},
  ): SocketHandlers {
    this.#ports.set(id, port);
    this.#machine.adopt(this.now(), id, place.room, place.session, options);
    this.step();
    return {
      open: () => {},
      message: (text) => {
        this.#machine.handleMessage(this.now(), id, text);
        this.step();
      },
      close: (code) => this.#disconnect(id, LEAVING_CODES.has(code)),
    };
  }

  /**
   * One HTTP request's messages, or an administrator's request. Resolves to the answers, or to the code
   * of a refusal.
   */
  exchange(
    work: { messages: readonly string[] } | { request: RoomRequest },
    options: ConnectOptions,
  ): Promise<string[] | SignalingErrorCode> {
    const answers: string[] = [];
    return new Promise((resolve) => {
      const result = this.#machine.connect(this.now(), { ...options, kind: "exchange" });
      if (typeof result === "string") return resolve(result);
      this.#ports.set(result, {
        send: (text) => answers.push(text) > 0,
        close: () => resolve(answers),
        bufferedAmount: () => 0,
      });
      if ("request" in work) this.#machine.handleRequest(this.now(), result, work.request);
      else this.#machine.handleExchange(this.now(), result, work.messages);
      this.step();
    });
  }

  /** Sends clients elsewhere, see {@linkcode RoomMachine.drain}. Resolves when the last one is gone. */
  async drain(withinMs: number): Promise<void> {
    this.#machine.drain(this.now(), withinMs);
    this.step();
    if (this.#machine.connections > 0) {
      await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    }
  }

  /** Closes every socket, lets go of the rooms and stops the clock; sessions can be resumed elsewhere. */
  close(): void {
    if (this.#isClosed) return;
    this.#machine.drain(this.now(), 0);
    this.#machine.handleTimeout(this.now());
    this.step();
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const log of this.#logs.values()) this.#attempt(() => log.unfollow(), () => {}, () => {});
    this.#logs.clear();
  }

  /** Does everything that the machine wants done, and arms its deadline. */
  step(): void {
    // A failing send may report its close from inside this loop, which then takes it up.
    if (this.#isAtWork || this.#isClosed) return;
    this.#isAtWork = true;
    for (;;) {
      const next = this.#machine.pollAction();
      if (next !== undefined) this.#perform(next);
      // A store that answers at once makes more to do.
      else if (this.#appends.size > 0) this.#flushAppends();
      else break;
    }
    this.#isAtWork = false;
    if (this.#machine.connections === 0) { for (const tell of this.#whenEmpty.splice(0)) tell(); }
    this.#arm();
  }

  #disconnect(id: number, isLeaving: boolean): void {
    this.#ports.delete(id);
    this.#machine.handleDisconnect(this.now(), id, isLeaving);
    this.step();
  }

  #perform(action: RoomAction): void {
    switch (action.type) {
      case "send":
        return this.#send(action.connection, action.text, action.position);
      case "append":
        return this.#append(action.room, action.entry);
      case "close":
        return this.#close(action.connection, action.code, action.reason);
      case "verify":
        return this.#verifyToken(action.connection, action.token);
      case "open":
        return this.#open(action);
      case "trim":
        return this.#withLog(action.room, (log) => log.trim(action.snapshot));
      case "unfollow":
        this.#flushAppends();
        this.#withLog(action.room, (log) => log.unfollow());
        this.#logs.delete(action.room);
        return;
      case "remove":
        return this.#remove(action.room);
      case "keepAlive":
        return this.#keepAlive(action.beat);
    }
  }

  #send(id: number, text: string, position: number): void {
    const port = this.#ports.get(id);
    if (port === undefined) return;
    const now = this.now();
    if (port.bufferedAmount() > this.#machine.limits.queuedBytes) {
      return this.#machine.handleOverflow(now, id);
    }
    try {
      if (!port.send(text, position)) this.#machine.handleOverflow(now, id);
    } catch {
      // The socket is closing; its close event may be far away. For the room it is gone now.
      this.#ports.delete(id);
      this.#machine.handleDisconnect(now, id);
    }
  }

  #close(id: number, code: number, reason: string): void {
    const port = this.#ports.get(id);
    this.#ports.delete(id);
    try {
      port?.close(code, reason);
    } catch {
      // Already closing: that is what was wanted.
    }
  }

  #verifyToken(id: number, token: string): void {
    const done = (result: Identity | Refusal): void => {
      this.#machine.handleVerified(this.now(), id, result);
      this.step();
    };
    const failed: Refusal = { code: "unauthorized", message: "the token cannot be verified" };
    if (this.#verify === undefined) return done(failed);
    this.#verify(token).then(done, () => done(failed));
  }

  #open({ room, name, epoch, ttlMs }: Opening): void {
    /** What came while the answer to `open` was on its way. */
    let early: [number, readonly RoomEntry[]][] | undefined = [];
    let isLost = false;
    const follower: RoomFollower = {
      entries: (first, entries) => {
        if (early !== undefined) return void early.push([first, entries]);
        this.#machine.handleEntries(this.now(), room, first, entries);
        this.step();
      },
      lost: () => {
        isLost = true;
        if (early === undefined) this.#lost(room);
      },
    };
    this.#attempt(() => this.#store.open(name, epoch, ttlMs, follower), (log) => {
      if (log !== undefined) this.#logs.set(room, log);
      this.#machine.handleOpened(this.now(), room, log);
      for (const [first, entries] of early ?? []) {
        this.#machine.handleEntries(this.now(), room, first, entries);
      }
      early = undefined;
      if (isLost) this.#machine.handleLost(this.now(), room);
    }, () => this.#machine.handleLost(this.now(), room));
  }

  #append(room: number, entry: RoomEntry): void {
    const entries = this.#appends.get(room);
    if (entries === undefined) this.#appends.set(room, [entry]);
    else entries.push(entry);
  }

  #flushAppends(): void {
    if (this.#appends.size === 0) return;
    const appends = this.#appends;
    this.#appends = new Map();
    for (const [room, entries] of appends) {
      const log = this.#logs.get(room);
      if (log === undefined) continue;
      this.#attempt(() => log.append(entries), () => {}, () => {
        this.#machine.handleLost(this.now(), room);
      });
    }
  }

  #remove(room: number): void {
    this.#flushAppends();
    const log = this.#logs.get(room);
    this.#logs.delete(room);
    const done = (): void => this.#machine.handleRemoved(this.now(), room);
    if (log === undefined) return done();
    this.#attempt(() => log.remove(), done, done);
  }

  #keepAlive(beat: KeepAlive): void {
    this.#attempt(() => this.#store.keepAlive(beat), (dead) => {
      this.#machine.handleDead(this.now(), dead);
    }, () => {});
  }

  #withLog(room: number, work: (log: RoomLog) => MaybePromise<void>): void {
    const log = this.#logs.get(room);
    if (log !== undefined) this.#attempt(() => work(log), () => {}, () => {});
  }

  #lost(room: number): void {
    this.#logs.delete(room);
    this.#machine.handleLost(this.now(), room);
    this.step();
  }

  /** Asks the store; what follows happens at once when it answers at once. */
  #attempt<Value>(
    ask: () => MaybePromise<Value>,
    done: (value: Value) => void,
    failed: () => void,
  ): void {
    const fail = (): void => {
      this.#storeErrors++;
      failed();
    };
    let result: MaybePromise<Value>;
    try {
      result = ask();
    } catch {
      return fail();
    }
    if (!(result instanceof Promise)) return done(result);
    result.then(done, fail).finally(() => this.step());
  }

  /** One timer, moved only when the deadline came nearer or passed; none without connections. */
  #arm(): void {
    const deadline = this.#machine.pollTimeout();
    if (deadline === NEVER) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#timerAt = NEVER;
    } else if (deadline < this.#timerAt) {
      clearTimeout(this.#timer);
      this.#timerAt = deadline;
      this.#timer = setTimeout(() => {
        this.#timerAt = NEVER;
        this.#machine.handleTimeout(this.now());
        this.step();
      }, Math.max(0, Math.ceil(deadline - this.now())));
    }
  }
}
