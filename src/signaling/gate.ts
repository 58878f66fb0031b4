import { NEVER, Ring } from "../base/mod.ts";
import type { RoomAction } from "./actions.ts";
import { AddressTable } from "./address_table.ts";
import { type Connection, type ConnectOptions, newConnection } from "./connection.ts";
import { CLOSE_CODES, type SignalingErrorCode } from "./errors.ts";
import type { SignalingLimits } from "./limits.ts";
import { PROTOCOL_VERSION, type ServerMessage } from "./messages.ts";

/** What the gate counts. */
export interface GateCounters {
  /** Messages taken from clients. */
  received: number;
  /** Messages refused or dropped, by code. */
  readonly refused: Map<SignalingErrorCode, number>;
  /** Connections that the server closed, by reason. */
  readonly closed: Map<SignalingErrorCode, number>;
}

/** Every client's connection: who comes in, how much it may say, when it is given up. */
export class Gate {
  readonly limits: SignalingLimits;
  readonly counters: GateCounters = { received: 0, refused: new Map(), closed: new Map() };
  /** The time of the input that is at work. */
  now = 0;
  isDraining = false;
  readonly #addresses: AddressTable;
  readonly #actions = new Ring<RoomAction>();
  /** Sorted by `nextBeatAt`: each beat takes a connection from the front and puts it at the end. */
  readonly #connections = new Map<number, Connection>();
  readonly #onGone: (connection: Connection, isFinal: boolean) => void;
  #nextId = 1;
  /** Never later than the next heartbeat that is due. */
  #nextBeatAt = NEVER;

  /** @param onGone called when a connection is forgotten: for good, or perhaps to come back */
  constructor(
    limits: SignalingLimits,
    onGone: (connection: Connection, isFinal: boolean) => void,
  ) {
    this.limits = limits;
    this.#onGone = onGone;
    this.#addresses = new AddressTable(limits);
  }

  /** How many connections are open. */
  get size(): number {
    return this.#connections.size;
  }

  /** Every connection. */
  connections(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** One connection. */
  find(id: number): Connection | undefined {
    return this.#connections.get(id);
  }

  /** Why a client from this address is not welcome, or `undefined`. */
  refusal(address: string | undefined): SignalingErrorCode | undefined {
    if (this.isDraining) return "draining";
    if (this.#connections.size >= this.limits.connections) return "server-full";
    return this.#addresses.admits(address) ? undefined : "too-many-connections";
  }

  /** Takes a connection in. */
  enter(options: ConnectOptions, id: number = this.#nextId): Connection {
    this.#nextId = Math.max(this.#nextId, id + 1);
    const connection = newConnection(id, this.now, this.limits, options);
    this.#connections.set(id, connection);
    this.#nextBeatAt = Math.min(this.#nextBeatAt, connection.nextBeatAt);
    this.#addresses.enter(connection.address, this.now);
    return connection;
  }

  /** Greets a new client. */
  welcome(connection: Connection): void {
    const { heartbeatMs, messageBytes, resumeMs } = this.limits;
    const version = PROTOCOL_VERSION;
    this.send(connection, { type: "welcome", version, heartbeatMs, messageBytes, resumeMs });
  }

  /** Takes `count` from what an address may say, outside of any connection. */
  takeFrom(address: string | undefined, count: number): boolean {
    if (this.#addresses.take(address, this.now, count)) return true;
    this.#count("rate-limited");
    return false;
  }

  /** Whether a message of this text may be looked at; otherwise it has been dealt with. */
  admits(connection: Connection, text: string | undefined): text is string {
    connection.heardAt = this.now;
    this.counters.received++;
    if (text === undefined) {
      this.refuse(connection, "bad-message", "messages are text, not binary");
      return false;
    }
    const { messageBytes } = this.limits, size = text.length;
    // A code unit has at most three bytes: short messages need not be counted.
    if (3 * size > messageBytes && utf8Length(text, messageBytes) > messageBytes) {
      this.refuse(connection, "too-large", `a message has at most ${messageBytes} bytes`);
      return false;
    }
    if (
      connection.messages.take(this.now, 1) && connection.bytes.take(this.now, size) &&
      this.#addresses.take(connection.address, this.now, 1)
    ) {
      return true;
    }
    this.#block(connection);
    return false;
  }

  /** Drops a message; says so once, with the number to go on with. */
  #block(connection: Connection): void {
    this.#count("rate-limited");
    if (!connection.floodPatience.take(this.now, 1)) {
      return this.close(connection, "too-many-faults");
    }
    if (connection.isBlocked) return;
    connection.isBlocked = true;
    const { place } = connection;
    this.send(connection, {
      type: "error",
      code: "rate-limited",
      message: "too fast; messages are dropped from here on",
      ...(place.state === "inside" && { seq: place.nextSeq }),
    });
  }

  /** Says why; closes where the code says so, or when the client does not stop. */
  refuse(connection: Connection, code: SignalingErrorCode, message: string): void {
    if (!this.forgives(connection, code)) return;
    this.send(connection, { type: "error", code, message });
    if (connection.kind === "exchange") this.finish(connection);
    else if (CLOSE_CODES[code] !== undefined) this.close(connection, code);
  }

  /** Counts a fault; closes the connection of a client that does not stop, and returns `false`. */
  forgives(connection: Connection, code: SignalingErrorCode): boolean {
    this.#count(code);
    if (connection.patience.take(this.now, 1)) return true;
    this.close(connection, "too-many-faults");
    return false;
  }

  /** Sends a message. */
  send(connection: Connection, message: ServerMessage, position = 0): void {
    this.sendText(connection.id, JSON.stringify(message), position);
  }

  /** Sends a message that is JSON already. */
  sendText(connection: number, text: string, position: number): void {
    this.#actions.push({ type: "send", connection, text, position });
  }

  /** Closes a connection. */
  close(connection: Connection, reason: SignalingErrorCode): void {
    if (!this.#connections.has(connection.id)) return;
    this.counters.closed.set(reason, (this.counters.closed.get(reason) ?? 0) + 1);
    const code = CLOSE_CODES[reason] ?? 1000;
    this.push({ type: "close", connection: connection.id, code, reason });
    this.forget(connection, !RESUMABLE.has(reason));
  }

  /** Ends an exchange: everything that is to be said has been said. */
  finish(connection: Connection): void {
    this.push({ type: "close", connection: connection.id, code: 1000, reason: "done" });
    this.forget(connection);
  }

  /** The connection is gone: for good, or perhaps to come back. */
  forget(connection: Connection, isFinal = false): void {
    if (!this.#connections.delete(connection.id)) return;
    this.#addresses.leave(connection.address);
    this.#onGone(connection, isFinal);
  }

  /** Queues an action. */
  push(action: RoomAction): void {
    this.#actions.push(action);
  }

  /** The next action. */
  pollAction(): RoomAction | undefined {
    return this.#actions.shift();
  }

  /** Pings those whose heartbeat is due and closes those who fell silent or never joined. */
  beat(ping: (connection: Connection) => void): void {
    const { now } = this, { idleMs, joinMs, heartbeatMs } = this.limits;
    for (const connection of this.#connections.values()) {
      if (connection.nextBeatAt > now) break;
      const { kind, place } = connection;
      const isInside = place.state === "inside";
      // A stream cannot answer: its queue tells when nobody reads any more.
      if (kind === "socket" && now - connection.heardAt >= idleMs) {
        this.close(connection, "idle-timeout");
      } else if (!isInside && now - connection.openedAt >= joinMs) {
        this.close(connection, kind === "exchange" ? "try-again" : "join-timeout");
      } else {
        if (kind !== "exchange") ping(connection);
        connection.nextBeatAt = now + heartbeatMs;
        this.#connections.delete(connection.id);
        this.#connections.set(connection.id, connection);
      }
    }
    this.#addresses.sweep(now);
    this.#nextBeatAt = NEVER;
    for (const connection of this.#connections.values()) {
      this.#nextBeatAt = connection.nextBeatAt;
      break;
    }
  }

  /** When `beat` is due. */
  nextBeat(): number {
    return this.#connections.size === 0 ? NEVER : this.#nextBeatAt;
  }

  #count(code: SignalingErrorCode): void {
    this.counters.refused.set(code, (this.counters.refused.get(code) ?? 0) + 1);
  }
}

/** Reasons after which the client may resume; others end its session. */
const RESUMABLE: ReadonlySet<SignalingErrorCode> = new Set([
  "idle-timeout",
  "slow-reader",
  "replaced",
  "try-again",
  "draining",
]);

/** Bytes of `text` in UTF-8; stops counting beyond `limit`. */
function utf8Length(text: string, limit: number): number {
  if (text.length > limit) return text.length;
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is two units and four bytes.
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3;
  }
  return length;
}
