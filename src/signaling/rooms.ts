/**
 * The room machine: all rooms of one server, without sockets, timers or a clock.
 *
 * Input: `connect`, `handleMessage`, `handleDisconnect`, `handleOverflow`, `handleTimeout`. Output:
 * `pollAction`, `pollTimeout`. One input, drain every action, arm the returned deadline.
 *
 * @module
 */
import { type Entropy, hexEncode, NEVER, randomBytes, Ring } from "../base/mod.ts";
import { CLOSE_CODES, type SignalingErrorCode } from "./errors.ts";
import { DEFAULT_LIMITS, type SignalingLimits } from "./limits.ts";
import { type ClientMessage, PROTOCOL_VERSION, type ServerMessage } from "./messages.ts";
import { type Member, Room } from "./room.ts";
import { TokenBucket } from "./token_bucket.ts";
import { parseClientMessage } from "./validate.ts";

/** What the owner of the sockets is to do. */
export type RoomAction =
  | { type: "send"; connection: number; text: string }
  | { type: "close"; connection: number; code: number; reason: SignalingErrorCode };

/** Counters of a machine; the first two are levels. */
export interface RoomStats {
  /** Connections that are open. */
  connections: number;
  /** Rooms that have members. */
  rooms: number;
  /** Messages taken from clients. */
  messagesReceived: number;
  /** Descriptions and candidates passed on. */
  messagesRelayed: number;
  /** Messages refused, for whatever reason. */
  messagesRefused: number;
}

/** One refused message is forgiven every ten seconds. */
const FORGIVEN_PER_SECOND = 0.1;

type Place = { state: "outside" } | { state: "joined"; room: Room; member: Member };

interface Connection {
  readonly id: number;
  readonly openedAt: number;
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  readonly patience: TokenBucket;
  place: Place;
  heardAt: number;
  nextBeatAt: number;
}

/**
 * Rooms as a state machine.
 *
 * @example
 * ```ts
 * import { RoomMachine } from "@sterna/webrtc/signaling";
 *
 * const machine = new RoomMachine({ entropy: (out) => crypto.getRandomValues(out) });
 * const alice = machine.connect(0);
 * machine.handleMessage(0, alice!, '{"type":"join","version":1,"room":"demo","name":"Alice"}');
 * for (let action = machine.pollAction(); action; action = machine.pollAction()) {
 *   console.log(action);
 * }
 * ```
 */
export class RoomMachine {
  readonly #limits: SignalingLimits;
  readonly #entropy: Entropy;
  readonly #rooms = new Map<string, Room>();
  /** Sorted by `nextBeatAt`: each beat takes a connection from the front and puts it at the end. */
  readonly #connections = new Map<number, Connection>();
  readonly #actions = new Ring<RoomAction>();
  #nextId = 1;
  #received = 0;
  #relayed = 0;
  #refused = 0;

  /** Starts empty; `entropy` is the source of peer ids, `limits` those that differ from the defaults. */
  constructor(options: { entropy: Entropy; limits?: Partial<SignalingLimits> }) {
    this.#entropy = options.entropy;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** The limits in force. */
  get limits(): Readonly<SignalingLimits> {
    return this.#limits;
  }

  /** Whether one more connection is welcome. */
  get hasRoom(): boolean {
    return this.#connections.size < this.#limits.connections;
  }

  /** A socket opened. Returns the number that names it from now on, or `undefined` when full. */
  connect(now: number): number | undefined {
    if (!this.hasRoom) return undefined;
    const limits = this.#limits, id = this.#nextId++;
    this.#connections.set(id, {
      id,
      openedAt: now,
      messages: new TokenBucket(limits.messagesPerSecond, limits.messageBurst, now),
      bytes: new TokenBucket(limits.bytesPerSecond, limits.byteBurst, now),
      patience: new TokenBucket(FORGIVEN_PER_SECOND, limits.faults, now),
      place: { state: "outside" },
      heardAt: now,
      nextBeatAt: now + limits.heartbeatMs,
    });
    this.#send(id, {
      type: "welcome",
      version: PROTOCOL_VERSION,
      heartbeatMs: limits.heartbeatMs,
      messageBytes: limits.messageBytes,
    });
    return id;
  }

  /**
   * A socket delivered a message: its text, or `undefined` for a binary one. Messages of connections
   * that are gone are ignored.
   */
  handleMessage(now: number, id: number, text: string | undefined): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.heardAt = now;
    this.#received++;
    if (text === undefined) {
      this.#refuse(now, connection, "bad-message", "messages are text, not binary");
      return;
    }
    const size = utf8Length(text, this.#limits.messageBytes);
    if (size > this.#limits.messageBytes) {
      const message = `a message has at most ${this.#limits.messageBytes} bytes`;
      this.#refuse(now, connection, "too-large", message);
    } else if (!connection.messages.take(now, 1) || !connection.bytes.take(now, size)) {
      this.#refuse(now, connection, "rate-limited", "too fast; this message was dropped");
    } else {
      const message = parseClientMessage(text);
      if (message.type === "fault") this.#refuse(now, connection, message.code, message.message);
      else this.#obey(now, connection, message);
    }
  }

  /** A socket closed, for whatever reason. */
  handleDisconnect(id: number): void {
    const connection = this.#connections.get(id);
    if (connection !== undefined) this.#forget(connection);
  }

  /** More than `queuedBytes` wait on a socket: its reader is too slow to be kept. */
  handleOverflow(id: number): void {
    const connection = this.#connections.get(id);
    if (connection !== undefined) this.#close(connection, "slow-reader");
  }

  /** Pings those whose heartbeat is due and closes those who fell silent or never joined. */
  handleTimeout(now: number): void {
    const { idleMs, joinMs, heartbeatMs } = this.#limits;
    for (const connection of this.#connections.values()) {
      if (connection.nextBeatAt > now) return;
      if (now - connection.heardAt >= idleMs) {
        this.#close(connection, "idle-timeout");
      } else if (connection.place.state === "outside" && now - connection.openedAt >= joinMs) {
        this.#close(connection, "join-timeout");
      } else {
        this.#send(connection.id, { type: "ping" });
        connection.nextBeatAt = now + heartbeatMs;
        this.#connections.delete(connection.id);
        this.#connections.set(connection.id, connection);
      }
    }
  }

  /** When `handleTimeout` is due, or `NEVER`. */
  pollTimeout(): number {
    for (const connection of this.#connections.values()) return connection.nextBeatAt;
    return NEVER;
  }

  /** The next thing to do, or `undefined`. */
  pollAction(): RoomAction | undefined {
    return this.#actions.shift();
  }

  /** Counters. */
  stats(): RoomStats {
    return {
      connections: this.#connections.size,
      rooms: this.#rooms.size,
      messagesReceived: this.#received,
      messagesRelayed: this.#relayed,
      messagesRefused: this.#refused,
    };
  }

  #obey(now: number, connection: Connection, message: ClientMessage): void {
    switch (message.type) {
      case "pong":
        return;
      case "join":
        return this.#join(now, connection, message);
      case "leave":
        return this.#leave(now, connection);
      case "update":
        return this.#update(now, connection, message);
      case "description":
      case "candidate":
        return this.#relay(now, connection, message);
    }
  }

  #join(now: number, connection: Connection, message: ClientMessage & { type: "join" }): void {
    const limits = this.#limits;
    if (connection.place.state === "joined") {
      return this.#refuse(now, connection, "already-joined", "leave the room first");
    }
    let room = this.#rooms.get(message.room);
    if (room === undefined) {
      if (this.#rooms.size >= limits.rooms) {
        return this.#refuse(now, connection, "too-many-rooms", "no further rooms on this server");
      }
      this.#rooms.set(message.room, room = new Room(message.room));
    }
    if (room.size >= limits.roomMembers) {
      const text = `the room is full (${limits.roomMembers} members)`;
      return this.#refuse(now, connection, "room-full", text);
    }
    const { name, kind } = message;
    const info = { id: hexEncode(randomBytes(this.#entropy, 8)), name, kind };
    const peers = [...room.members()].map((member) => member.info);
    this.#broadcast(room, { type: "peer-joined", peer: info });
    const member: Member = { connection: connection.id, info };
    room.add(member);
    connection.place = { state: "joined", room, member };
    this.#send(connection.id, { type: "joined", room: room.name, self: info.id, peers });
  }

  #leave(now: number, connection: Connection): void {
    if (connection.place.state !== "joined") return this.#refuseOutside(now, connection);
    const { room } = connection.place;
    this.#depart(connection);
    this.#send(connection.id, { type: "left", room: room.name });
  }

  #update(now: number, connection: Connection, message: ClientMessage & { type: "update" }): void {
    if (connection.place.state !== "joined") return this.#refuseOutside(now, connection);
    const { room, member } = connection.place;
    member.info = { id: member.info.id, name: message.name, kind: message.kind };
    this.#broadcast(room, { type: "peer-updated", peer: member.info });
  }

  #relay(
    now: number,
    connection: Connection,
    message: ClientMessage & { type: "description" | "candidate" },
  ): void {
    if (connection.place.state !== "joined") return this.#refuseOutside(now, connection);
    const { room, member } = connection.place;
    const addressee = room.find(message.to);
    if (addressee === undefined || addressee === member) {
      // Ordinary at a departure: messages cross the news of it. It costs no patience.
      const text = `no peer ${message.to} in this room`;
      return this.#send(connection.id, { type: "error", code: "unknown-peer", message: text });
    }
    this.#relayed++;
    const from = member.info.id;
    if (message.type === "description") {
      const { description } = message;
      this.#send(addressee.connection, { type: "description", from, description });
    } else {
      const { candidate } = message;
      this.#send(addressee.connection, { type: "candidate", from, candidate });
    }
  }

  #refuseOutside(now: number, connection: Connection): void {
    this.#refuse(now, connection, "not-joined", "join a room first");
  }

  /** Says why; closes where the code says so, or when the connection does not stop. */
  #refuse(now: number, connection: Connection, code: SignalingErrorCode, message: string): void {
    this.#refused++;
    if (!connection.patience.take(now, 1)) return this.#close(connection, "too-many-faults");
    this.#send(connection.id, { type: "error", code, message });
    if (CLOSE_CODES[code] !== undefined) this.#close(connection, code);
  }

  #close(connection: Connection, reason: SignalingErrorCode): void {
    const code = CLOSE_CODES[reason] ?? 1000;
    this.#actions.push({ type: "close", connection: connection.id, code, reason });
    this.#forget(connection);
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection.id);
    this.#depart(connection);
  }

  #depart(connection: Connection): void {
    if (connection.place.state !== "joined") return;
    const { room, member } = connection.place;
    connection.place = { state: "outside" };
    room.remove(member);
    if (room.size === 0) this.#rooms.delete(room.name);
    else this.#broadcast(room, { type: "peer-left", id: member.info.id });
  }

  #broadcast(room: Room, message: ServerMessage): void {
    const text = JSON.stringify(message);
    for (const { connection } of room.members()) {
      this.#actions.push({ type: "send", connection, text });
    }
  }

  #send(connection: number, message: ServerMessage): void {
    this.#actions.push({ type: "send", connection, text: JSON.stringify(message) });
  }
}

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
