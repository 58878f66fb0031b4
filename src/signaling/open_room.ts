import { NEVER } from "../base/mod.ts";
import type { Connection, Errand } from "./connection.ts";
import type { SignalingLimits } from "./limits.ts";
import { ReplayRing } from "./replay_ring.ts";
import type { RoomEntry, RoomSnapshot } from "./room_entry.ts";
import { type Deliver, RoomState, type Verdict } from "./room_state.ts";

/** One room as this instance follows it: the state, what was told lately, and who is here. */
export class OpenRoom {
  /** Names it towards the store's driver. */
  readonly number: number;
  /** The room's name. */
  readonly name: string;
  /** `closing`: the log has ended and is being removed. */
  status: "opening" | "open" | "closing" = "opening";
  /** Names the log. */
  epoch = "";
  /** Whether the log may be made if there is none. */
  mayCreate: boolean;
  state: RoomState = new RoomState();
  ring: ReplayRing = new ReplayRing(0);
  /** Who waits until the room is open. */
  readonly waiting: Map<Connection, Errand> = new Map();
  /** Connections of this instance that hold a session. */
  readonly members: Map<string, Connection> = new Map();
  /** Connections of this instance that have something on the way through the log. */
  readonly visitors: Set<Connection> = new Set();
  /** When sessions without a connection expire. */
  readonly deadlines: Map<string, number> = new Map();
  /** When the room is closed if nobody comes. */
  emptyAt: number = NEVER;
  /** The emptiness for which closing was asked: once is enough. */
  closeAskedFor = -1;
  /** The snapshot to which the log is trimmed next: what is kept reaches from here to its successor. */
  #mark: RoomSnapshot | undefined;
  #markedAt = 0;
  #entriesSince = 0;
  #lengthSince = 0;
  /** Takes what members of this instance are to be told now. */
  onDelivery: Deliver = () => {};
  /** One for all entries: this runs for every message. */
  readonly #keep: Deliver = (delivery) => {
    this.#lengthSince += delivery.length;
    this.ring.push(delivery);
    this.onDelivery(delivery);
  };

  /** A room whose log is being opened. */
  constructor(number: number, name: string, mayCreate: boolean) {
    this.number = number;
    this.name = name;
    this.mayCreate = mayCreate;
  }

  /** Takes what the log held when it was opened. */
  load(
    now: number,
    log: { epoch: string; snapshot: RoomSnapshot | undefined; entries: readonly RoomEntry[] },
  ): void {
    this.status = "open";
    this.epoch = log.epoch;
    this.state = new RoomState(log.snapshot);
    this.ring = new ReplayRing(this.state.position);
    this.#markedAt = now;
    const { onDelivery } = this;
    this.onDelivery = () => {};
    for (const entry of log.entries) this.apply(entry);
    this.onDelivery = onDelivery;
  }

  /** Applies the next entry; what is told is kept for those who come back, and handed on. */
  apply(entry: RoomEntry): Verdict {
    this.#entriesSince++;
    return this.state.apply(entry, this.#keep);
  }

  /**
   * Bounds what is kept: when enough came in or time passed, the entries before the previous mark go
   * and a new mark is set. So between one and two portions are kept.
   *
   * @returns the snapshot to which the store may trim its log
   */
  rotate(now: number, limits: SignalingLimits): RoomSnapshot | undefined {
    const isFull = this.#entriesSince >= limits.replayEntries ||
      this.#lengthSince >= limits.replayLength;
    const isOld = now - this.#markedAt >= limits.resumeMs &&
      (this.#entriesSince > 0 || !this.ring.isEmpty);
    if (!isFull && !isOld) return undefined;
    const mark = this.#mark;
    if (mark !== undefined) this.ring.trim(mark.position);
    this.#mark = this.state.snapshot();
    this.#markedAt = now;
    this.#entriesSince = 0;
    this.#lengthSince = 0;
    return mark;
  }

  /** Whether this instance has to follow the room: for somebody here, or to end what it began. */
  isNeededBy(instance: string): boolean {
    if (this.waiting.size > 0 || this.visitors.size > 0 || this.members.size > 0) return true;
    if (this.state.size === 0) return true;
    for (const { holder } of this.state.sessions()) if (holder.instance === instance) return true;
    return false;
  }
}
