import { NEVER } from "../base/mod.ts";
import type { Gate } from "./gate.ts";
import type { OpenRoom } from "./open_room.ts";
import type { RoomDesk } from "./room_desk.ts";

/** Ends what is over: sessions that do not come back, instances that died, rooms that stay empty. */
export class RoomKeeper {
  readonly #gate: Gate;
  readonly #desk: RoomDesk;
  /** Instances that the store called dead at the last beat; twice is believed. */
  #suspects: ReadonlySet<string> = new Set();

  /** @param desk where the rooms are */
  constructor(gate: Gate, desk: RoomDesk) {
    this.#gate = gate;
    this.#desk = desk;
  }

  get #instance(): string {
    return this.#desk.options.instance;
  }

  /** From now on the session has to come back in time. */
  startDeadline(room: OpenRoom, session: string): void {
    room.deadlines.set(session, this.#gate.now + this.#gate.limits.resumeMs);
  }

  /** After anything happened: bounds what is kept, ends an empty room, lets go of a needless one. */
  settle(room: OpenRoom): void {
    if (room.status !== "open") return;
    const { now, limits } = this.#gate;
    const mark = room.rotate(now, limits);
    if (mark !== undefined) this.#gate.push({ type: "trim", room: room.number, snapshot: mark });
    const isEmpty = room.state.size === 0 && room.visitors.size === 0 && room.waiting.size === 0;
    if (!isEmpty) room.emptyAt = NEVER;
    else if (room.emptyAt === NEVER) room.emptyAt = now + room.state.config.emptyMs;
    if (room.emptyAt <= now && room.closeAskedFor !== room.state.emptySince) {
      const { emptySince } = room.state;
      room.closeAskedFor = emptySince;
      this.#desk.append(room, { kind: "close", emptySince });
    }
    if (room.isNeededBy(this.#instance)) return;
    this.#desk.discard(room);
    room.status = "closing";
    this.#gate.push({ type: "unfollow", room: room.number });
  }

  /** Looks after every room: sessions that did not come back, rooms that stay empty. */
  sweep(): void {
    const { now } = this.#gate;
    for (const room of [...this.#desk.rooms()]) {
      if (room.status !== "open") continue;
      for (const [session, deadline] of room.deadlines) {
        if (deadline > now) continue;
        room.deadlines.delete(session);
        const droppedAt = room.state.session(session)?.droppedAt ?? 0;
        if (droppedAt !== 0) this.#desk.append(room, { kind: "expire", session, droppedAt });
      }
      this.settle(room);
    }
  }

  /** When the next session expires or the next empty room is closed. */
  nextDeadline(): number {
    let next = NEVER;
    for (const room of this.#desk.rooms()) {
      if (room.status !== "open") continue;
      if (room.closeAskedFor !== room.state.emptySince) next = Math.min(next, room.emptyAt);
      for (const deadline of room.deadlines.values()) next = Math.min(next, deadline);
    }
    return next;
  }

  /** Starts the clock of sessions that were without a connection when the room was opened. */
  loaded(room: OpenRoom): void {
    for (const { id, droppedAt } of room.state.sessions()) {
      if (droppedAt !== 0) this.startDeadline(room, id);
    }
  }

  /** Tells the store that this instance lives, and asks about the others. */
  keepAlive(): void {
    const rooms: { room: string; ttlMs: number }[] = [];
    const others = new Set<string>();
    for (const room of this.#desk.rooms()) {
      rooms.push({ room: room.name, ttlMs: this.#desk.ttlOf(room) });
      for (const { droppedAt, holder } of room.state.sessions()) {
        if (droppedAt === 0 && holder.instance !== this.#instance) others.add(holder.instance);
      }
    }
    const instance = this.#instance, ttlMs = this.#gate.limits.leaseMs;
    this.#gate.push({ type: "keepAlive", beat: { instance, ttlMs, rooms, others: [...others] } });
  }

  /** These instances are dead, says the store. */
  dead(instances: readonly string[]): void {
    // A new instance's first word may still be on its way when its first entry is seen.
    const believed = instances.filter((instance) => this.#suspects.has(instance));
    this.#suspects = new Set(instances);
    for (const instance of believed) {
      for (const room of this.#desk.rooms()) {
        const sessions = [...room.state.sessions()];
        const holds = sessions.some(({ droppedAt, holder }) =>
          droppedAt === 0 && holder.instance === instance
        );
        if (room.status === "open" && holds) this.#desk.append(room, { kind: "lost", instance });
      }
    }
  }
}
