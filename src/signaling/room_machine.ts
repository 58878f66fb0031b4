/**
 * The room machine: one instance of the signaling server without sockets, store, timers or a clock.
 *
 * Input: `connect`, `handleMessage`, `handleExchange`, `handleDisconnect`, `handleOverflow`,
 * `handleTimeout`, and the answers to its actions (`handleVerified`, `handleOpened`, `handleEntries`,
 * `handleLost`, `handleRemoved`, `handleDead`). Output: `pollAction`, `pollTimeout`. One input, drain
 * every action, arm the returned deadline.
 *
 * What happens in a room goes through the room's log: the machine appends, and acts on entries only
 * when they come back, in the log's order. So it does not matter which instance a client is on.
 *
 * @module
 */
import { type Entropy, hexEncode, NEVER, randomBytes } from "../base/mod.ts";
import type { RoomAction } from "./actions.ts";
import type { Connection, ConnectOptions } from "./connection.ts";
import type { SignalingErrorCode } from "./errors.ts";
import { Gate } from "./gate.ts";
import type { Identity } from "./grants.ts";
import { DEFAULT_LIMITS, type SignalingLimits } from "./limits.ts";
import { CLIENT_MESSAGE, parseJson } from "./message_schemas.ts";
import { type ClientMessage, type JoinMessage, PROTOCOL_VERSION } from "./messages.ts";
import { RoomDesk } from "./room_desk.ts";
import type { RoomEntry, RoomSnapshot } from "./room_entry.ts";
import { RoomKeeper } from "./room_keeper.ts";
import type { RoomRequest } from "./room_request.ts";
import { RoomTeller } from "./room_teller.ts";
import { ROLES, type RoleTable } from "./roles.ts";
import type { RoomStats } from "./room_stats.ts";
import type { Refusal } from "./sanity.ts";

export type { RoomStats };

/** What a {@linkcode RoomMachine} needs. */
export interface RoomMachineOptions {
  /** Source of ids and secrets. */
  entropy: Entropy;
  /** Limits that differ from the defaults. */
  limits?: Partial<SignalingLimits>;
  /** Names this instance towards others on the same store: 16 hexadecimal digits. */
  instance?: string;
  /** What roles may do; `ROLES` where it is absent. */
  roles?: RoleTable;
  /** Whether rooms are open to holders of tokens only. */
  needsToken?: boolean;
  /** Whether a join may make a room; true where it is absent. */
  createOnJoin?: boolean;
}

/** Longest time between two looks at deadlines of rooms, milliseconds. */
const SWEEP_MS = 1000;

/**
 * Rooms as a state machine.
 *
 * @example
 * ```ts
 * import { RoomMachine } from "@sterna/webrtc/signaling";
 *
 * const machine = new RoomMachine({ entropy: (out) => crypto.getRandomValues(out) });
 * const alice = machine.connect(0);
 * if (typeof alice === "number") {
 *   machine.handleMessage(0, alice, '{"type":"join","version":2,"room":"demo","name":"Alice"}');
 * }
 * for (let action = machine.pollAction(); action; action = machine.pollAction()) {
 *   console.log(action.type); // send (welcome), open
 * }
 * ```
 */
export class RoomMachine {
  /** Names this instance. */
  readonly instance: string;
  readonly #gate: Gate;
  readonly #desk: RoomDesk;
  readonly #keeper: RoomKeeper;
  readonly #teller: RoomTeller;
  #sweepAt = NEVER;
  #keepAliveAt = NEVER;
  #drainedAt = NEVER;

  /** Starts empty. */
  constructor(options: RoomMachineOptions) {
    const { entropy } = options;
    this.instance = options.instance ?? hexEncode(randomBytes(entropy, 8));
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#gate = new Gate(limits, (connection, isFinal) => {
      this.#teller.depart(connection, isFinal);
    });
    this.#desk = new RoomDesk(this.#gate, {
      entropy,
      instance: this.instance,
      roles: options.roles ?? ROLES,
      needsToken: options.needsToken ?? false,
      createOnJoin: options.createOnJoin ?? true,
    });
    this.#keeper = new RoomKeeper(this.#gate, this.#desk);
    this.#teller = new RoomTeller(this.#gate, this.#desk, this.#keeper);
  }

  /** The limits in force. */
  get limits(): Readonly<SignalingLimits> {
    return this.#gate.limits;
  }

  /** The time of the last input. */
  get now(): number {
    return this.#gate.now;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#gate.size;
  }

  /** Whether clients are being sent away. */
  get isDraining(): boolean {
    return this.#gate.isDraining;
  }

  /** Why a client from this address would not be taken, or `undefined`. */
  refusal(address: string | undefined): SignalingErrorCode | undefined {
    return this.#gate.refusal(address);
  }

  /** Whether an address may ask something outside of a connection; `count` is its price in messages. */
  allows(now: number, address: string | undefined, count: number): boolean {
    this.#begin(now);
    return this.#gate.takeFrom(address, count);
  }

  /** A client connected. Returns the number that names it from now on, or why it is not welcome. */
  connect(now: number, options: ConnectOptions = {}): number | SignalingErrorCode {
    this.#begin(now);
    const refusal = this.#gate.refusal(options.address);
    if (refusal !== undefined) return refusal;
    const connection = this.#gate.enter(options);
    if (connection.kind !== "exchange") this.#gate.welcome(connection);
    return connection.id;
  }

  /**
   * A socket that this instance held before it was put to sleep: it takes its place again, under the
   * number it had, without a word. Where that is not possible it is closed and resumes.
   */
  adopt(
    now: number,
    id: number,
    room: string,
    session: string,
    options: ConnectOptions = {},
  ): void {
    this.#begin(now);
    this.#desk.enter(this.#gate.enter(options, id), room, { type: "adopt", session });
  }

  /** Room and session of a connection, once it is in, and who it is: what `adopt` needs. */
  placeOf(id: number): { room: string; session: string; options: ConnectOptions } | undefined {
    const connection = this.#gate.find(id);
    if (connection?.place.state !== "inside") return undefined;
    const { place, kind, address, identity } = connection;
    return { room: place.room.name, session: place.session, options: { kind, address, identity } };
  }

  /**
   * A socket delivered a message: its text, or `undefined` for a binary one. Messages of connections
   * that are gone are ignored.
   */
  handleMessage(now: number, id: number, text: string | undefined): void {
    this.#begin(now);
    const connection = this.#gate.find(id);
    if (connection === undefined || !this.#gate.admits(connection, text)) return;
    const value = parseJson(text), message = CLIENT_MESSAGE.read(value);
    if (message !== undefined) return this.#obey(connection, message);
    const reason = CLIENT_MESSAGE.explain?.(value) ?? "malformed";
    this.#gate.refuse(connection, "bad-message", reason);
  }

  /**
   * An HTTP request brought messages: `act` first, then what the session says. The answers follow, and
   * the connection is closed when all of it went through the log.
   */
  handleExchange(now: number, id: number, texts: readonly string[]): void {
    this.#begin(now);
    const connection = this.#gate.find(id);
    if (connection === undefined) return;
    for (const text of texts) {
      if (!this.#gate.admits(connection, text)) return this.#gate.finish(connection);
    }
    const message = CLIENT_MESSAGE.read(parseJson(texts[0] ?? ""));
    if (message?.type !== "act") {
      return this.#gate.refuse(connection, "bad-message", "the first message is act");
    }
    const { room, session, secret } = message;
    this.#desk.enter(connection, room, { type: "act", session, secret, messages: texts.slice(1) });
  }

  /** An administrator's request; the answer follows, and the connection is closed. */
  handleRequest(now: number, id: number, request: RoomRequest): void {
    this.#begin(now);
    const connection = this.#gate.find(id);
    if (connection !== undefined) {
      this.#desk.enter(connection, request.room, { type: "request", request });
    }
  }

  /** A token was verified: whose it is, or why it is refused. */
  handleVerified(now: number, id: number, result: Identity | Refusal): void {
    this.#begin(now);
    const connection = this.#gate.find(id);
    if (connection === undefined || connection.place.state !== "verifying") return;
    const { message } = connection.place;
    connection.place = { state: "outside" };
    if ("code" in result) connection.tokenFault = result;
    else {
      connection.identity = result;
      connection.tokenFault = undefined;
    }
    this.#desk.join(connection, message);
  }

  /** A client is gone: for good when it said so (`isLeaving`), otherwise it may resume. */
  handleDisconnect(now: number, id: number, isLeaving = false): void {
    this.#begin(now);
    const connection = this.#gate.find(id);
    if (connection !== undefined) this.#gate.forget(connection, isLeaving);
  }

  /** More than `queuedBytes` wait on a socket, or the host dropped something: it is closed. */
  handleOverflow(now: number, id: number): void {
    this.#begin(now);
    const connection = this.#gate.find(id);
    if (connection !== undefined) this.#gate.close(connection, "slow-reader");
  }

  /** The store opened a room's log, or says that there is none. */
  handleOpened(
    now: number,
    number: number,
    log:
      | { epoch: string; snapshot: RoomSnapshot | undefined; entries: readonly RoomEntry[] }
      | undefined,
  ): void {
    this.#begin(now);
    const room = this.#desk.find(number);
    if (room?.status !== "opening") return;
    if (log !== undefined) {
      room.load(now, log);
      this.#teller.follow(room);
      this.#keeper.loaded(room);
      if (room.state.isClosed) {
        // Somebody ended it and has not removed it yet.
        room.status = "closing";
        return this.#gate.push({ type: "remove", room: number });
      }
    }
    this.#desk.opened(room, log !== undefined);
    this.#keeper.settle(room);
  }

  /** Entries of a room's log, in order; `first` is the position of the first. */
  handleEntries(now: number, number: number, first: number, entries: readonly RoomEntry[]): void {
    this.#begin(now);
    const room = this.#desk.find(number);
    if (room?.status === "open") this.#teller.take(room, first, entries);
  }

  /** A room can no longer be followed, or an append failed: its clients are sent to resume. */
  handleLost(now: number, number: number): void {
    this.#begin(now);
    const room = this.#desk.find(number);
    if (room !== undefined) this.#teller.lose(room);
  }

  /** A room that ended has been removed from the store. */
  handleRemoved(now: number, number: number): void {
    this.#begin(now);
    const room = this.#desk.find(number);
    if (room?.status === "closing") this.#teller.removed(room);
  }

  /** Instances that the store counts as dead. */
  handleDead(now: number, instances: readonly string[]): void {
    this.#begin(now);
    this.#keeper.dead(instances);
  }

  /** Heartbeats, sessions that did not come back, empty rooms, signs of life. */
  handleTimeout(now: number): void {
    this.#begin(now);
    this.#gate.beat((connection) => this.#teller.ping(connection));
    if (now >= this.#sweepAt) {
      this.#sweepAt = NEVER;
      this.#keeper.sweep();
    }
    if (now >= this.#keepAliveAt) {
      this.#keepAliveAt = NEVER;
      if (this.#desk.size > 0) this.#keeper.keepAlive();
    }
    if (now >= this.#drainedAt) {
      this.#drainedAt = NEVER;
      for (const connection of [...this.#gate.connections()]) {
        this.#gate.close(connection, "draining");
      }
    }
  }

  /**
   * Sends clients to other instances: no new ones are taken, all are asked to reconnect within
   * `withinMs` milliseconds, each at a moment of its choice, and the rest is closed after that.
   */
  drain(now: number, withinMs: number): void {
    this.#begin(now);
    if (this.#gate.isDraining) return;
    this.#gate.isDraining = true;
    for (const connection of this.#gate.connections()) {
      this.#gate.send(connection, { type: "reconnect", withinMs });
    }
    this.#drainedAt = now + withinMs;
  }

  /** When `handleTimeout` is due, or `NEVER`. */
  pollTimeout(): number {
    if (this.#desk.size === 0) this.#sweepAt = this.#keepAliveAt = NEVER;
    else {
      const { now, limits } = this.#gate;
      if (this.#sweepAt === NEVER) {
        this.#sweepAt = now + Math.min(SWEEP_MS, Math.max(1, limits.resumeMs / 8));
      }
      if (this.#keepAliveAt === NEVER) this.#keepAliveAt = now + limits.leaseMs / 3;
    }
    return Math.min(this.#gate.nextBeat(), this.#sweepAt, this.#keepAliveAt, this.#drainedAt);
  }

  /**
   * When something is really due, or `NEVER`; for hosts that sleep in between, instead of
   * `pollTimeout`. It looks at every session, and takes no part in leases.
   */
  pollDeadline(): number {
    this.#sweepAt = this.#keeper.nextDeadline();
    this.#keepAliveAt = NEVER;
    return Math.min(this.#gate.nextBeat(), this.#sweepAt, this.#drainedAt);
  }

  /** The next thing to do, or `undefined`. */
  pollAction(): RoomAction | undefined {
    return this.#gate.pollAction();
  }

  /** Levels and counters. */
  stats(): RoomStats {
    let sessions = 0;
    for (const { state } of this.#desk.rooms()) sessions += state.size;
    const { received, refused, closed } = this.#gate.counters;
    return {
      connections: this.#gate.size,
      rooms: this.#desk.size,
      sessions,
      messagesReceived: received,
      messagesRelayed: this.#teller.relayed,
      messagesRefused: refused,
      connectionsClosed: closed,
    };
  }

  #begin(now: number): void {
    this.#gate.now = now;
  }

  #obey(connection: Connection, message: ClientMessage): void {
    switch (message.type) {
      case "pong":
        return;
      case "join":
        return this.#join(connection, message);
      case "leave":
        return this.#teller.leave(connection);
      case "act":
        return this.#gate.refuse(connection, "bad-message", "act is for HTTP requests");
      default:
        return this.#desk.speak(connection, message);
    }
  }

  #join(connection: Connection, message: JoinMessage): void {
    if (message.version !== PROTOCOL_VERSION) {
      const text = `this server speaks version ${PROTOCOL_VERSION} of the signaling protocol`;
      return this.#gate.refuse(connection, "unsupported-version", text);
    }
    if (connection.place.state !== "outside") {
      return this.#gate.refuse(connection, "already-joined", "leave the room first");
    }
    connection.isBlocked = false;
    if (message.token === undefined || !this.#desk.options.needsToken) {
      return this.#desk.join(connection, message);
    }
    connection.place = { state: "verifying", message };
    this.#gate.push({ type: "verify", connection: connection.id, token: message.token });
  }
}
