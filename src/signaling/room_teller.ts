import type { Connection, Inside } from "./connection.ts";
import type { Gate } from "./gate.ts";
import type { OpenRoom } from "./open_room.ts";
import type { PeerInfo } from "./messages.ts";
import type { RoomDesk } from "./room_desk.ts";
import type { RoomKeeper } from "./room_keeper.ts";
import type { Holder, JoinEntry, Numbered, ResumeEntry, RoomEntry } from "./room_entry.ts";
import type { Delivery, Verdict } from "./room_state.ts";

/** A client is told after so many of its messages that they were taken; and at every heartbeat. */
const ACK_EVERY = 32;

/** Follows the logs: applies what comes and tells members of this instance. */
export class RoomTeller {
  readonly #gate: Gate;
  readonly #desk: RoomDesk;
  readonly #keeper: RoomKeeper;
  relayed = 0;

  /** @param desk where the rooms are @param keeper ends what is over */
  constructor(gate: Gate, desk: RoomDesk, keeper: RoomKeeper) {
    this.#gate = gate;
    this.#desk = desk;
    this.#keeper = keeper;
  }

  get #instance(): string {
    return this.#desk.options.instance;
  }

  /** Takes entries of a room's log. A gap means that the log was not followed: the room is lost. */
  take(room: OpenRoom, first: number, entries: readonly RoomEntry[]): void {
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index]!, position = first + index;
      if (room.status !== "open" || position <= room.state.position) continue;
      if (position !== room.state.position + 1) return this.lose(room);
      this.#react(room, entry, room.apply(entry));
    }
    this.#keeper.settle(room);
  }

  /** Tells members of this instance what the room's log says from now on. */
  follow(room: OpenRoom): void {
    room.onDelivery = (delivery) => this.#deliver(room, delivery);
  }

  #deliver(room: OpenRoom, delivery: Delivery): void {
    const { to, except, position } = delivery;
    if (to !== undefined) {
      const member = room.members.get(to);
      if (member !== undefined) this.#gate.sendText(member.id, delivery.text, position);
      return;
    }
    if (room.members.size === 0) return;
    const { text } = delivery;
    for (const [session, member] of room.members) {
      if (session !== except) this.#gate.sendText(member.id, text, position);
    }
  }

  #react(room: OpenRoom, entry: RoomEntry, verdict: Verdict): void {
    switch (entry.kind) {
      case "message":
        if (verdict === "applied") this.relayed++;
        return this.#acknowledge(room, entry, verdict);
      case "update":
      case "room":
      case "refuse":
        return this.#acknowledge(room, entry, verdict);
      case "remove":
        this.#acknowledge(room, entry, verdict);
        if (verdict === "applied") this.#dismiss(room, entry.target, "removed");
        return;
      case "join":
        return this.#joined(room, entry, verdict);
      case "resume":
        return this.#resumed(room, entry, verdict);
      case "leave":
      case "expire":
        if (verdict === "applied") this.#left(room, entry.session);
        return;
      case "drop":
        if (verdict === "applied") this.#keeper.startDeadline(room, entry.session);
        return;
      case "lost":
        return this.#instanceLost(room, entry.instance);
      case "configure":
        return this.#answerRequests(room);
      case "close":
        return verdict === "applied" ? this.#close(room) : undefined;
    }
  }

  #acknowledge(room: OpenRoom, entry: Numbered, verdict: Verdict): void {
    const { session, seq } = entry;
    const member = room.members.get(session);
    if (member !== undefined && member.place.state === "inside") {
      const { place } = member;
      if (verdict !== "ignored") {
        // Somebody may have spoken for it elsewhere.
        if (place.nextSeq <= seq) place.nextSeq = seq + 1;
        if (seq - place.ackSent >= ACK_EVERY) this.#sendAck(room, member, place);
      } else if (seq > (room.state.session(session)?.ack ?? 0) + 1) {
        // An entry before this one did not reach the log.
        this.#gate.close(member, "try-again");
      }
    }
    if (room.visitors.size === 0) return;
    for (const visitor of room.visitors) {
      const { place } = visitor;
      if (place.state === "acting" && place.session === session && place.lastSeq === seq) {
        this.#desk.endAct(visitor, place);
      }
    }
  }

  #sendAck(room: OpenRoom, member: Connection, place: Inside): void {
    const { position } = room.state;
    place.ackSent = room.state.session(place.session)?.ack ?? 0;
    this.#gate.send(member, { type: "ack", seq: place.ackSent, position });
  }

  #joined(room: OpenRoom, entry: JoinEntry, verdict: Verdict): void {
    const connection = this.#visitorOf(room, entry.holder);
    if (connection?.place.state !== "joining" || connection.place.session !== entry.session) {
      // It closed in the meantime, without having learned its secret: it cannot come back.
      if (verdict === "applied" && entry.holder.instance === this.#instance) {
        if (!room.members.has(entry.session)) {
          this.#desk.append(room, { kind: "leave", session: entry.session });
        }
      }
      return;
    }
    room.visitors.delete(connection);
    if (verdict !== "applied") {
      connection.place = { state: "outside" };
      const { members } = room.state.config;
      return this.#gate.refuse(connection, "room-full", `the room is full (${members} members)`);
    }
    this.#attach(room, connection, entry.session);
    this.#sendJoined(room, connection, entry.session);
  }

  #sendJoined(room: OpenRoom, connection: Connection, self: string): void {
    const session = room.state.session(self)!;
    const { position } = room.state, { metadata } = room.state.config;
    const peers: PeerInfo[] = room.state.peers(self);
    this.#gate.send(connection, {
      type: "joined",
      room: room.name,
      self,
      secret: session.secret,
      epoch: room.epoch,
      position,
      ack: session.ack,
      roles: session.roles,
      metadata,
      peers,
    }, position);
  }

  #resumed(room: OpenRoom, entry: ResumeEntry, verdict: Verdict): void {
    const { session, holder } = entry;
    if (verdict === "applied") {
      room.deadlines.delete(session);
      const before = room.members.get(session);
      if (before !== undefined) {
        room.members.delete(session);
        before.place = { state: "outside" };
        this.#gate.close(before, "replaced");
      }
    }
    const connection = this.#visitorOf(room, holder);
    if (connection?.place.state !== "resuming" || connection.place.session !== session) {
      const isMine = holder.instance === this.#instance;
      if (verdict === "applied" && isMine) {
        this.#desk.append(room, { kind: "drop", session, holder });
      }
      return;
    }
    const { message } = connection.place;
    room.visitors.delete(connection);
    if (verdict !== "applied") {
      const text = "the session has expired";
      this.#gate.send(connection, { type: "error", code: "resume-expired", message: text });
      return this.#desk.joinAnew(room, connection, message);
    }
    this.#attach(room, connection, session);
    this.#catchUp(room, connection, session, message.resume?.position ?? 0);
  }

  /** Tells what the client missed, or, when that is no longer known, how things stand. */
  #catchUp(room: OpenRoom, connection: Connection, self: string, seen: number): void {
    const { position } = room.state;
    if (seen < room.ring.base || seen > position) {
      const message = "what was said in between is no longer known";
      this.#gate.send(connection, { type: "error", code: "resume-expired", message });
      return this.#sendJoined(room, connection, self);
    }
    const ack = room.state.session(self)?.ack ?? 0, { epoch } = room;
    this.#gate.send(connection, { type: "resumed", room: room.name, self, epoch, position, ack });
    room.ring.replay(self, seen, (delivery) => {
      this.#gate.sendText(connection.id, delivery.text, delivery.position);
    });
  }

  #attach(room: OpenRoom, connection: Connection, session: string): void {
    const ack = room.state.session(session)?.ack ?? 0;
    room.members.set(session, connection);
    connection.isBlocked = false;
    connection.place = { state: "inside", room, session, nextSeq: ack + 1, ackSent: ack };
  }

  /** The connection of this instance that `holder` names, if it waits for the log. */
  #visitorOf(room: OpenRoom, holder: Holder): Connection | undefined {
    if (holder.instance !== this.#instance) return undefined;
    const connection = this.#gate.find(holder.connection);
    return connection !== undefined && room.visitors.has(connection) ? connection : undefined;
  }

  #left(room: OpenRoom, session: string): void {
    room.deadlines.delete(session);
    const member = room.members.get(session);
    if (member === undefined) return;
    room.members.delete(session);
    member.place = { state: "outside" };
    this.#gate.send(member, { type: "left", room: room.name });
  }

  #dismiss(room: OpenRoom, session: string, reason: "removed" | "try-again"): void {
    const member = room.members.get(session);
    if (reason === "removed") room.deadlines.delete(session);
    if (member === undefined) return;
    room.members.delete(session);
    member.place = { state: "outside" };
    this.#gate.close(member, reason);
  }

  /** An instance counts as dead; when it is this one, its clients are sent to resume. */
  #instanceLost(room: OpenRoom, instance: string): void {
    for (const { id, droppedAt, holder } of room.state.sessions()) {
      if (droppedAt !== room.state.position || holder.instance !== instance) continue;
      this.#keeper.startDeadline(room, id);
      if (instance === this.#instance) this.#dismiss(room, id, "try-again");
    }
  }

  #answerRequests(room: OpenRoom): void {
    for (const visitor of room.visitors) {
      if (visitor.place.state === "asking") this.#desk.endRequest(room, visitor);
    }
  }

  #close(room: OpenRoom): void {
    room.status = "closing";
    this.#answerRequests(room);
    for (const member of [...room.members.values()]) {
      member.place = { state: "outside" };
      this.#gate.close(member, "room-closed");
    }
    room.members.clear();
    room.deadlines.clear();
    for (const visitor of room.visitors) {
      // Its entry came too late: it tries again in the room's next life.
      const { place } = visitor;
      if (place.state === "joining" || place.state === "resuming") {
        room.waiting.set(visitor, { type: "join", message: place.message });
        visitor.place = { state: "waiting", room };
      } else {
        this.#gate.refuse(visitor, "room-closed", "the room was closed");
      }
    }
    room.visitors.clear();
    this.#gate.push({ type: "remove", room: room.number });
  }

  /** The log of an ended room is gone. */
  removed(room: OpenRoom): void {
    this.#desk.discard(room);
    for (const [connection, errand] of room.waiting) {
      connection.place = { state: "outside" };
      this.#desk.enter(connection, room.name, errand);
    }
  }

  /** The store failed, or the log ended without a word: everybody here is to resume. */
  lose(room: OpenRoom): void {
    if (room.status === "closing") return;
    this.#desk.discard(room);
    this.#gate.push({ type: "unfollow", room: room.number });
    room.status = "closing";
    const here = [...room.members.values(), ...room.visitors, ...room.waiting.keys()];
    room.members.clear();
    room.visitors.clear();
    room.waiting.clear();
    for (const connection of here) {
      connection.place = { state: "outside" };
      if (connection.kind === "exchange") this.#gate.refuse(connection, "try-again", STORE_FAILED);
      else this.#gate.close(connection, "try-again");
    }
  }

  /** A connection has gone away from its room, for good (`isLeaving`) or perhaps to come back. */
  depart(connection: Connection, isLeaving: boolean): void {
    const { place } = connection;
    if (!("room" in place)) return;
    const { room } = place;
    connection.place = { state: "outside" };
    room.waiting.delete(connection);
    room.visitors.delete(connection);
    if (place.state === "inside") {
      room.members.delete(place.session);
      const { session } = place, holder = this.#desk.holderOf(connection);
      if (isLeaving) this.#desk.append(room, { kind: "leave", session });
      else this.#desk.append(room, { kind: "drop", session, holder });
    }
    this.#keeper.settle(room);
  }

  /** A member leaves and keeps its connection. */
  leave(connection: Connection): void {
    const { place } = connection;
    if (place.state !== "inside") {
      return this.#gate.refuse(connection, "not-joined", "join a room first");
    }
    this.#desk.append(place.room, { kind: "leave", session: place.session });
  }

  /** What a heartbeat says to a member. */
  ping(connection: Connection): void {
    const { place } = connection;
    if (place.state !== "inside") {
      return this.#gate.send(connection, { type: "ping", ack: 0, position: 0 });
    }
    const { room } = place;
    place.ackSent = room.state.session(place.session)?.ack ?? 0;
    const { position } = room.state;
    this.#gate.send(connection, { type: "ping", ack: place.ackSent, position }, position);
  }
}

const STORE_FAILED = "the store of rooms failed";
