import { type Entropy, hexEncode, randomBytes } from "../base/mod.ts";
import type { Acting, Connection, Errand } from "./connection.ts";
import type { SignalingErrorCode } from "./errors.ts";
import type { Gate } from "./gate.ts";
import { type Access, accessTo, OPEN_ACCESS } from "./grants.ts";
import { memberEntry, metadataOf, type NumberedMessage } from "./member_entry.ts";
import { CLIENT_MESSAGE, parseJson } from "./message_schemas.ts";
import { OpenRoom } from "./open_room.ts";
import type { JoinMessage, ServerMessage } from "./messages.ts";
import type { RoleTable } from "./roles.ts";
import type { Holder, RoomConfig, RoomEntry } from "./room_entry.ts";
import type { RoomRequest } from "./room_request.ts";
import { isSameHolder } from "./room_state.ts";
import type { Refusal } from "./sanity.ts";

/** What the desk is told once. */
export interface DeskOptions {
  /** Source of ids and secrets. */
  entropy: Entropy;
  /** Names this instance towards the others. */
  instance: string;
  /** What roles may do. */
  roles: RoleTable;
  /** Whether rooms are open to tokens only. */
  needsToken: boolean;
  /** Whether a join may make a room at all. */
  createOnJoin: boolean;
}

/** A log that nobody keeps alive is kept at least so long, milliseconds. */
const LOG_TTL_MS = 60_000;

/** Where connections enter rooms and members speak; `RoomTeller` tells them what the log says. */
export class RoomDesk {
  readonly options: DeskOptions;
  readonly #gate: Gate;
  readonly #rooms = new Map<string, OpenRoom>();
  readonly #byNumber = new Map<number, OpenRoom>();
  #nextNumber = 1;

  /** @param gate speaks to the connections */
  constructor(gate: Gate, options: DeskOptions) {
    this.#gate = gate;
    this.options = options;
  }

  /** How many rooms this instance follows. */
  get size(): number {
    return this.#rooms.size;
  }

  /** Every room that this instance follows. */
  rooms(): IterableIterator<OpenRoom> {
    return this.#rooms.values();
  }

  /** The room that the driver calls by this number. */
  find(number: number): OpenRoom | undefined {
    return this.#byNumber.get(number);
  }

  /** How long the room's log is to be kept should every instance die. */
  ttlOf(room: OpenRoom): number {
    return LOG_TTL_MS + 2 * this.#gate.limits.resumeMs + room.state.config.emptyMs;
  }

  /** What the connection may do in a room, or why nothing. */
  access(connection: Connection, room: string): Access | Refusal {
    if (!this.options.needsToken) return OPEN_ACCESS;
    if (connection.tokenFault !== undefined) return connection.tokenFault;
    if (connection.identity === undefined) {
      return { code: "unauthorized", message: "rooms need a token here" };
    }
    return accessTo(connection.identity, room) ??
      { code: "room-forbidden", message: "the token does not grant this room" };
  }

  /** A join whose token, if it has one, has been looked at. */
  join(connection: Connection, message: JoinMessage): void {
    const access = this.access(connection, message.room);
    if ("code" in access && message.resume === undefined) {
      return this.#gate.refuse(connection, access.code, access.message);
    }
    this.enter(connection, message.room, { type: "join", message });
  }

  /** Brings a connection to a room, which is opened if need be. */
  enter(connection: Connection, name: string, errand: Errand): void {
    let room = this.#rooms.get(name);
    if (room?.status === "open") return this.#serve(room, connection, errand);
    if (room === undefined) {
      if (this.#rooms.size >= this.#gate.limits.rooms) {
        connection.place = { state: "outside" };
        const text = "no further rooms on this server";
        return this.#gate.refuse(connection, "too-many-rooms", text);
      }
      if (this.#rooms.size === 0) this.#sayAlive();
      room = new OpenRoom(this.#nextNumber++, name, this.#mayCreate(connection, name, errand));
      this.#rooms.set(name, room);
      this.#byNumber.set(room.number, room);
      this.#open(room);
    }
    room.waiting.set(connection, errand);
    connection.place = { state: "waiting", room };
  }

  /** The store has opened the log, or there is none and none was to be made. */
  opened(room: OpenRoom, hasLog: boolean): void {
    const waiting = [...room.waiting];
    room.waiting.clear();
    if (hasLog) {
      for (const [connection, errand] of waiting) {
        if (room.status === "open") this.#serve(room, connection, errand);
        else this.enter(connection, room.name, errand);
      }
      return;
    }
    this.discard(room);
    for (const [connection, errand] of waiting) this.#enterMissing(connection, room.name, errand);
  }

  /** Follows a room no longer. Whoever waited for it tries again. */
  discard(room: OpenRoom): void {
    if (this.#rooms.get(room.name) === room) this.#rooms.delete(room.name);
    this.#byNumber.delete(room.number);
  }

  /** Appends to a room's log. */
  append(room: OpenRoom, entry: RoomEntry): void {
    this.#gate.push({ type: "append", room: room.number, entry });
  }

  /** The socket as the log names it. */
  holderOf(connection: Connection): Holder {
    return { instance: this.options.instance, connection: connection.id };
  }

  /** A member's numbered message. */
  speak(connection: Connection, message: NumberedMessage): void {
    const { place } = connection;
    if (place.state !== "inside") {
      return this.#gate.refuse(connection, "not-joined", "join a room first");
    }
    const { seq } = message;
    // Sent again after a resume, and here already.
    if (seq < place.nextSeq) return;
    if (seq > place.nextSeq) {
      if (connection.isBlocked) return;
      return this.#gate.refuse(connection, "bad-message", `the next seq is ${place.nextSeq}`);
    }
    connection.isBlocked = false;
    const sender = place.room.state.session(place.session);
    if (sender === undefined) return;
    place.nextSeq++;
    const entry = memberEntry(message, sender, this.options.roles);
    if (entry.kind === "refuse" && !this.#gate.forgives(connection, entry.code)) return;
    this.append(place.room, entry);
  }

  #open(room: OpenRoom): void {
    const epoch = room.mayCreate ? this.#newId(8) : undefined;
    const ttlMs = this.ttlOf(room);
    this.#gate.push({ type: "open", room: room.number, name: room.name, epoch, ttlMs });
  }

  /** The first word comes before the first entry. */
  #sayAlive(): void {
    const { instance } = this.options, ttlMs = this.#gate.limits.leaseMs;
    this.#gate.push({ type: "keepAlive", beat: { instance, ttlMs, rooms: [], others: [] } });
  }

  #mayCreate(connection: Connection, room: string, errand: Errand): boolean {
    switch (errand.type) {
      case "join": {
        const access = this.access(connection, room);
        return this.options.createOnJoin && !("code" in access) && access.create;
      }
      case "request":
        return errand.request.type === "create";
      default:
        return false;
    }
  }

  /** The room does not exist: makes it for those who may. */
  #enterMissing(connection: Connection, name: string, errand: Errand): void {
    connection.place = { state: "outside" };
    if (this.#mayCreate(connection, name, errand)) return this.enter(connection, name, errand);
    if (errand.type !== "join") {
      const isAct = errand.type === "act";
      const code: SignalingErrorCode = isAct ? "unknown-session" : "unknown-room";
      return this.#gate.refuse(connection, code, isAct ? NO_SESSION : NO_ROOM);
    }
    if (errand.message.resume !== undefined) this.#expireResume(connection);
    const access = this.access(connection, name);
    if ("code" in access) this.#gate.refuse(connection, access.code, access.message);
    else this.#gate.refuse(connection, "unknown-room", NO_ROOM);
  }

  #serve(room: OpenRoom, connection: Connection, errand: Errand): void {
    switch (errand.type) {
      case "join":
        return this.#serveJoin(room, connection, errand.message);
      case "act":
        return this.#serveAct(room, connection, errand);
      case "request":
        return this.#serveRequest(room, connection, errand.request);
      case "adopt":
        return this.#serveAdopt(room, connection, errand.session);
    }
  }

  #serveJoin(room: OpenRoom, connection: Connection, message: JoinMessage): void {
    const { resume } = message;
    if (resume === undefined) return this.joinAnew(room, connection, message);
    const session = room.state.session(resume.session);
    const isKnown = session !== undefined && isEqual(session.secret, resume.secret);
    if (!isKnown || resume.epoch !== room.epoch) {
      this.#expireResume(connection);
      return this.joinAnew(room, connection, message);
    }
    room.visitors.add(connection);
    connection.place = { state: "resuming", room, session: session.id, message };
    this.append(room, { kind: "resume", session: session.id, holder: this.holderOf(connection) });
  }

  /** Joins with a new session. */
  joinAnew(room: OpenRoom, connection: Connection, message: JoinMessage): void {
    const access = this.access(connection, room.name);
    connection.place = { state: "outside" };
    if ("code" in access) return this.#gate.refuse(connection, access.code, access.message);
    const session = this.#newId(8);
    room.visitors.add(connection);
    connection.place = { state: "joining", room, session, message };
    this.append(room, {
      kind: "join",
      session,
      secret: this.#newId(16),
      holder: this.holderOf(connection),
      metadata: metadataOf(message),
      user: connection.identity?.user ?? "",
      roles: access.roles,
      config: this.defaultConfig(),
    });
  }

  /** The set-up of rooms that come to be by a join. */
  defaultConfig(): RoomConfig {
    const { roomMembers, emptyMs } = this.#gate.limits;
    return { metadata: {}, members: roomMembers, emptyMs };
  }

  #expireResume(connection: Connection): void {
    const message = "the session cannot be resumed";
    this.#gate.send(connection, { type: "error", code: "resume-expired", message });
  }

  #serveAct(room: OpenRoom, connection: Connection, errand: Errand & { type: "act" }): void {
    const session = room.state.session(errand.session);
    if (session === undefined || !isEqual(session.secret, errand.secret)) {
      connection.place = { state: "outside" };
      return this.#gate.refuse(connection, "unknown-session", NO_SESSION);
    }
    const nextSeq = session.ack + 1;
    const place: Acting = { state: "acting", room, session: session.id, nextSeq, lastSeq: 0 };
    connection.place = place;
    room.visitors.add(connection);
    for (const text of errand.messages) {
      const message = CLIENT_MESSAGE.read(parseJson(text));
      if (message?.type === "leave") {
        this.append(room, { kind: "leave", session: session.id });
        this.#gate.send(connection, { type: "left", room: room.name });
        return this.#gate.finish(connection);
      }
      if (message === undefined) this.#gate.send(connection, BAD_MESSAGE);
      if (message === undefined || !("seq" in message) || message.seq !== place.nextSeq) continue;
      place.lastSeq = place.nextSeq++;
      this.append(room, memberEntry(message, session, this.options.roles));
    }
    if (place.lastSeq === 0) this.endAct(connection, place);
  }

  /** Everything that was said has gone through the log: says what it took. */
  endAct(connection: Connection, { room, session }: Acting): void {
    const { position } = room.state, seq = room.state.session(session)?.ack ?? 0;
    this.#gate.send(connection, { type: "ack", seq, position });
    this.#gate.finish(connection);
  }

  #serveRequest(room: OpenRoom, connection: Connection, request: RoomRequest): void {
    if (request.type === "inspect") return this.endRequest(room, connection);
    room.visitors.add(connection);
    connection.place = { state: "asking", room };
    if (request.type === "close") this.append(room, { kind: "close" });
    else this.append(room, { kind: "configure", config: request.config });
  }

  /** Answers a request with what the room is now. */
  endRequest(room: OpenRoom, connection: Connection): void {
    const { name, epoch, state } = room;
    const { metadata, members, emptyMs } = state.config;
    const text = JSON.stringify({
      room: name,
      epoch,
      position: state.position,
      isClosed: state.isClosed,
      metadata,
      members,
      emptyMs,
      peers: state.isClosed ? [] : state.peers(),
    });
    this.#gate.sendText(connection.id, text, 0);
    this.#gate.finish(connection);
  }

  #serveAdopt(room: OpenRoom, connection: Connection, id: string): void {
    const session = room.state.session(id);
    const isHere = session !== undefined && session.droppedAt === 0 &&
      isSameHolder(session.holder, this.holderOf(connection));
    if (!isHere) return this.#gate.close(connection, "try-again");
    room.members.set(id, connection);
    const nextSeq = session.ack + 1, ackSent = session.ack;
    connection.place = { state: "inside", room, session: id, nextSeq, ackSent };
  }

  #newId(bytes: number): string {
    return hexEncode(randomBytes(this.options.entropy, bytes));
  }
}

const BAD_MESSAGE: ServerMessage = {
  type: "error",
  code: "bad-message",
  message: "not a message of the protocol",
};
const NO_ROOM = "there is no such room";
const NO_SESSION = "there is no such session, or its secret is another";

/** Compares secrets of one length in constant time. */
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
