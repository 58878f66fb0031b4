/** Connects the room machine to real sockets, a store, a real clock and one real timer. */
import { NEVER } from "../base/mod.ts";
import type { RoomAction } from "./actions.ts";
import type { ConnectOptions } from "./connection.ts";
import type { SignalingErrorCode } from "./errors.ts";
import type { Identity } from "./grants.ts";
import { RoomMachine, type RoomMachineOptions } from "./room_machine.ts";
import type { RoomStats } from "./room_stats.ts";
import type { RoomRequest } from "./room_request.ts";
import type { Refusal } from "./sanity.ts";
import type { RoomStore } from "./store.ts";
import { StoreDriver } from "./store_driver.ts";
import type { SwitchboardClock } from "./switchboard_clock.ts";
import type { SocketHandlers, SocketPort } from "./upgrade.ts";

export type { SwitchboardClock };

/** What a {@linkcode Switchboard} needs besides what its machine needs. */
export interface SwitchboardOptions extends Omit<RoomMachineOptions, "entropy"> {
  /** A clock instead of the host's own timers. */
  clock?: SwitchboardClock | undefined;
  /** Where rooms live. */
  store: RoomStore;
  /** Verifies the token of a join. */
  verify?: ((token: string) => Promise<Identity | Refusal>) | undefined;
}

/** A socket, and how much was sent since its queue was looked at. */
interface Port {
  readonly socket: SocketPort;
  unchecked: number;
}

/** Hosts are asked how much waits on a socket after so much was sent to it, code units. */
const CHECK_EVERY = 16 * 1024;

/** WebSocket close codes (RFC 6455 §7.4.1) of those who leave on purpose: 1000, or none given. */
const LEAVING_CODES: ReadonlySet<number | undefined> = new Set([1000, 1005]);

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
  readonly #driver: StoreDriver;
  readonly #verify: SwitchboardOptions["verify"];
  readonly #ports = new Map<number, Port>();
  readonly #clock: SwitchboardClock | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = NEVER;
  #isAtWork = false;
  /** Who waits for the last connection to go. */
  readonly #whenEmpty: (() => void)[] = [];
  #isClosed = false;
  readonly #queuedBytes: number;
  /** When the input came that is being worked on. */
  #at = 0;

  /** Starts without connections. */
  constructor(options: SwitchboardOptions) {
    const entropy = (out: Uint8Array): void => {
      crypto.getRandomValues(out as Uint8Array<ArrayBuffer>);
    };
    this.#driver = new StoreDriver(options.store, this);
    this.#clock = options.clock;
    this.#verify = options.verify;
    this.#machine = new RoomMachine({ ...options, entropy });
    this.#queuedBytes = this.#machine.limits.queuedBytes;
  }

  /** The machine; after a call of one of its inputs call {@linkcode Switchboard.step}. */
  get machine(): RoomMachine {
    return this.#machine;
  }

  /** How often the store failed. */
  get storeErrors(): number {
    return this.#driver.errors;
  }

  /** Levels and counters of the machine. */
  stats(): RoomStats {
    return this.#machine.stats();
  }

  /** Milliseconds of the clock that the machine is driven with; stands still during a step. */
  now(): number {
    return this.#isAtWork ? this.#at : this.#clock?.now() ?? performance.now();
  }

  /** Handlers for one new socket or stream. */
  attach(options: ConnectOptions = {}): SocketHandlers {
    let id: number | undefined;
    return {
      get connection() {
        return id;
      },
      open: (port) => {
        const result = this.#machine.connect(this.now(), options);
        if (typeof result === "string") return port.close(1013, result);
        id = result;
        this.#ports.set(id, { socket: port, unchecked: 0 });
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
    this.#ports.set(id, { socket: port, unchecked: 0 });
    this.#machine.adopt(this.now(), id, place.room, place.session, options);
    this.step();
    return {
      connection: id,
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
      const socket: SocketPort = {
        send: (text) => answers.push(text) > 0,
        close: () => resolve(answers),
        bufferedAmount: () => 0,
      };
      this.#ports.set(result, { socket, unchecked: 0 });
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
    this.#driver.close();
  }

  /** A deadline of a {@linkcode SwitchboardClock} has come. Too early or too often is harmless. */
  wake(): void {
    this.#machine.handleTimeout(this.now());
    this.step();
  }

  /** Does everything that the machine wants done, and arms its deadline. */
  step(): void {
    // A failing send may report its close from inside this loop, which then takes it up.
    if (this.#isAtWork || this.#isClosed) return;
    this.#at = this.#machine.now;
    this.#isAtWork = true;
    for (;;) {
      const next = this.#machine.pollAction();
      if (next !== undefined) this.#perform(next);
      // A store that answers at once makes more to do.
      else if (!this.#driver.flush()) break;
    }
    this.#isAtWork = false;
    if (this.#machine.connections === 0) this.#whenEmpty.splice(0).forEach((tell) => tell());
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
        return this.#driver.append(action.room, action.entry);
      case "close":
        return this.#close(action.connection, action.code, action.reason);
      case "verify":
        return this.#verifyToken(action.connection, action.token);
      case "open":
        return this.#driver.open(action);
      case "trim":
        return this.#driver.trim(action);
      case "unfollow":
        return this.#driver.unfollow(action.room);
      case "remove":
        return this.#driver.remove(action.room);
      case "keepAlive":
        return this.#driver.keepAlive(action.beat);
    }
  }

  #send(id: number, text: string, position: number): void {
    const port = this.#ports.get(id);
    if (port === undefined) return;
    port.unchecked += text.length;
    if (port.unchecked >= CHECK_EVERY) {
      port.unchecked = 0;
      if (port.socket.bufferedAmount() > this.#queuedBytes) {
        return this.#machine.handleOverflow(this.now(), id);
      }
    }
    try {
      if (!port.socket.send(text, position)) this.#machine.handleOverflow(this.now(), id);
    } catch {
      // The socket is closing; its close event may be far away. For the room it is gone now.
      this.#ports.delete(id);
      this.#machine.handleDisconnect(this.now(), id);
    }
  }

  #close(id: number, code: number, reason: string): void {
    const port = this.#ports.get(id);
    this.#ports.delete(id);
    try {
      port?.socket.close(code, reason);
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

  /** One timer, moved only when the deadline came nearer or passed; none without connections. */
  #arm(): void {
    if (this.#clock !== undefined) return this.#clock.arm(this.#machine.pollDeadline());
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
        this.wake();
      }, Math.max(0, Math.ceil(deadline - this.now())));
    }
  }
}
