/**
 * A room as its log tells it: the deterministic reducer that every instance runs. Whoever applies the
 * same entries in the same order knows the same room and tells its members the same.
 */
import type { SignalingErrorCode } from "./errors.ts";
import type {
  CloseEntry,
  ConfigureEntry,
  DropEntry,
  ExpireEntry,
  Holder,
  JoinEntry,
  LostEntry,
  MessageEntry,
  Numbered,
  RemoveEntry,
  ResumeEntry,
  RoomConfig,
  RoomEntry,
  RoomSnapshot,
  SessionRecord,
} from "./room_entry.ts";
import type { LeaveReason, PeerInfo, ServerMessage } from "./messages.ts";

/** What became of an entry: it changed the room, it had no effect, or it was refused. */
export type Verdict = "applied" | "ignored" | SignalingErrorCode;

/** Something that members are to be told. */
export interface Delivery {
  /** Where in the log it stands. */
  readonly position: number;
  /** The one member it is for; `undefined` for all. */
  readonly to: string | undefined;
  /** The one member it is not for. */
  readonly except: string | undefined;
  /** A server message as JSON. What members say to each other is put together each time it is read. */
  readonly text: string;
  /** About how long `text` is, UTF-16 code units. */
  readonly length: number;
}

/** What a member said: its text is not kept beside the entry that holds it. */
class Said implements Delivery {
  readonly position: number;
  readonly #entry: MessageEntry;

  constructor(position: number, entry: MessageEntry) {
    this.position = position;
    this.#entry = entry;
  }

  get to(): string | undefined {
    return this.#entry.to;
  }

  get except(): string {
    return this.#entry.session;
  }

  get length(): number {
    return this.#entry.body.length;
  }

  get text(): string {
    const { session, body } = this.#entry;
    return `{"position":${this.position},"from":"${session}",${body}}`;
  }
}

/** Takes deliveries in order. */
export type Deliver = (delivery: Delivery) => void;

/** The set-up of a room whose log is empty. */
const NO_CONFIG: RoomConfig = { metadata: {}, members: 0, emptyMs: 0 };

/** A room as of one position. */
export class RoomState {
  readonly #sessions = new Map<string, SessionRecord>();
  #position = 0;
  #config: RoomConfig = NO_CONFIG;
  #emptySince = 0;
  #isClosed = false;

  /** Starts from a snapshot, or empty. The snapshot is copied. */
  constructor(snapshot?: RoomSnapshot) {
    if (snapshot === undefined) return;
    this.#position = snapshot.position;
    this.#config = snapshot.config;
    this.#emptySince = snapshot.emptySince;
    this.#isClosed = snapshot.isClosed;
    for (const session of snapshot.sessions) this.#sessions.set(session.id, { ...session });
  }

  /** Position of the last entry; 0 before the first. */
  get position(): number {
    return this.#position;
  }

  /** How the room is set up. */
  get config(): Readonly<RoomConfig> {
    return this.#config;
  }

  /** Position of the entry that left the room without members, or 0. */
  get emptySince(): number {
    return this.#emptySince;
  }

  /** Whether the room has ended. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How many sessions there are, connected or not. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The sessions, in the order of joining. Not to be changed. */
  sessions(): IterableIterator<Readonly<SessionRecord>> {
    return this.#sessions.values();
  }

  /** One session. Not to be changed. */
  session(id: string): Readonly<SessionRecord> | undefined {
    return this.#sessions.get(id);
  }

  /** Everybody but `self`, as members see them. */
  peers(self?: string): PeerInfo[] {
    const peers: PeerInfo[] = [];
    for (const session of this.#sessions.values()) {
      if (session.id !== self) peers.push(infoOf(session));
    }
    return peers;
  }

  /** The room as of now, for the store. */
  snapshot(): RoomSnapshot {
    return {
      position: this.#position,
      config: this.#config,
      sessions: [...this.#sessions.values()].map((session) => ({ ...session })),
      emptySince: this.#emptySince,
      isClosed: this.#isClosed,
    };
  }

  /** Applies the next entry and tells what members are to hear of it. */
  apply(entry: RoomEntry, deliver: Deliver): Verdict {
    this.#position++;
    if (this.#isClosed) return "room-closed";
    switch (entry.kind) {
      case "message":
        return this.#message(entry, deliver);
      case "join":
        return this.#join(entry, deliver);
      case "leave":
        return this.#end(entry.session, "left", deliver);
      case "drop":
        return this.#drop(entry, deliver);
      case "resume":
        return this.#resume(entry, deliver);
      case "expire":
        return this.#expire(entry, deliver);
      case "lost":
        return this.#lose(entry, deliver);
      case "configure":
        return this.#configure(entry, deliver);
      case "close":
        return this.#close(entry);
      case "update":
      case "remove":
      case "room":
      case "refuse":
        return this.#numbered(entry, deliver);
    }
  }

  #message(entry: MessageEntry, deliver: Deliver): Verdict {
    const sender = this.#take(entry);
    if (sender === undefined) return "ignored";
    const { to, session } = entry;
    if (to !== undefined && (to === session || !this.#sessions.has(to))) {
      // Ordinary at a departure: messages cross the news of it.
      this.#refuse(entry, "unknown-peer", `no peer ${to} in this room`, deliver);
      return "unknown-peer";
    }
    deliver(new Said(this.#position, entry));
    return "applied";
  }

  #join(entry: JoinEntry, deliver: Deliver): Verdict {
    if (this.#sessions.has(entry.session)) return "ignored";
    if (this.#config.members === 0) this.#config = entry.config;
    if (this.#sessions.size >= this.#config.members) return "room-full";
    const { session: id, secret, holder, metadata, user, roles } = entry;
    const session = { id, secret, metadata, user, roles, holder, droppedAt: 0, ack: 0 };
    this.#sessions.set(id, session);
    this.#emptySince = 0;
    this.#tell(
      { type: "peer-joined", position: this.#position, peer: infoOf(session) },
      id,
      deliver,
    );
    return "applied";
  }

  #end(id: string, reason: LeaveReason, deliver: Deliver): Verdict {
    if (!this.#sessions.delete(id)) return "ignored";
    if (this.#sessions.size === 0) this.#emptySince = this.#position;
    this.#tell({ type: "peer-left", position: this.#position, id, reason }, id, deliver);
    return "applied";
  }

  #drop(entry: DropEntry, deliver: Deliver): Verdict {
    const session = this.#sessions.get(entry.session);
    if (session === undefined || session.droppedAt !== 0) return "ignored";
    if (!isSameHolder(session.holder, entry.holder)) return "ignored";
    session.droppedAt = this.#position;
    this.#tellPeer(session, deliver);
    return "applied";
  }

  #resume(entry: ResumeEntry, deliver: Deliver): Verdict {
    const session = this.#sessions.get(entry.session);
    if (session === undefined) return "unknown-session";
    if (session.droppedAt === 0 && isSameHolder(session.holder, entry.holder)) return "ignored";
    session.holder = entry.holder;
    const wasDropped = session.droppedAt !== 0;
    session.droppedAt = 0;
    if (wasDropped) this.#tellPeer(session, deliver);
    return "applied";
  }

  #expire(entry: ExpireEntry, deliver: Deliver): Verdict {
    const session = this.#sessions.get(entry.session);
    if (session === undefined || session.droppedAt === 0) return "ignored";
    if (session.droppedAt !== entry.droppedAt) return "ignored";
    return this.#end(entry.session, "expired", deliver);
  }

  #lose(entry: LostEntry, deliver: Deliver): Verdict {
    let verdict: Verdict = "ignored";
    for (const session of this.#sessions.values()) {
      if (session.droppedAt !== 0 || session.holder.instance !== entry.instance) continue;
      session.droppedAt = this.#position;
      this.#tellPeer(session, deliver);
      verdict = "applied";
    }
    return verdict;
  }

  #configure(entry: ConfigureEntry, deliver: Deliver): Verdict {
    this.#config = entry.config;
    // Its time without members starts again.
    if (this.#sessions.size === 0) this.#emptySince = this.#position;
    else this.#tellMetadata(deliver);
    return "applied";
  }

  #close(entry: CloseEntry): Verdict {
    const { emptySince } = entry;
    const isEmptyStill = this.#sessions.size === 0 && emptySince === this.#emptySince;
    if (emptySince !== undefined && !isEmptyStill) return "ignored";
    this.#isClosed = true;
    return "applied";
  }

  #numbered(
    entry: RoomEntry & { kind: "update" | "remove" | "room" | "refuse" },
    deliver: Deliver,
  ): Verdict {
    const session = this.#take(entry);
    if (session === undefined) return "ignored";
    switch (entry.kind) {
      case "update":
        session.metadata = entry.metadata;
        this.#tellPeer(session, deliver);
        return "applied";
      case "room":
        this.#config = { ...this.#config, metadata: entry.metadata };
        this.#tellMetadata(deliver);
        return "applied";
      case "remove":
        return this.#remove(entry, deliver);
      case "refuse":
        this.#refuse(entry, entry.code, entry.message, deliver);
        return "applied";
    }
  }

  #remove(entry: RemoveEntry, deliver: Deliver): Verdict {
    const { target } = entry;
    if (this.#sessions.has(target)) return this.#end(target, "removed", deliver);
    this.#refuse(entry, "unknown-peer", `no peer ${target} in this room`, deliver);
    return "unknown-peer";
  }

  /** The sender, when the entry's number is the one that follows. */
  #take(entry: Numbered): SessionRecord | undefined {
    const session = this.#sessions.get(entry.session);
    if (session === undefined || entry.seq !== session.ack + 1) return undefined;
    session.ack = entry.seq;
    return session;
  }

  #refuse(entry: Numbered, code: SignalingErrorCode, message: string, deliver: Deliver): void {
    const position = this.#position, { session: to, seq } = entry;
    const error: ServerMessage = { type: "error", code, message, seq, position };
    const text = JSON.stringify(error);
    deliver({ position, to, except: undefined, text, length: text.length });
  }

  #tellPeer(session: SessionRecord, deliver: Deliver): void {
    const position = this.#position, peer = infoOf(session);
    this.#tell({ type: "peer-updated", position, peer }, session.id, deliver);
  }

  #tellMetadata(deliver: Deliver): void {
    const { metadata } = this.#config;
    this.#tell({ type: "room-updated", position: this.#position, metadata }, undefined, deliver);
  }

  #tell(message: ServerMessage, except: string | undefined, deliver: Deliver): void {
    const text = JSON.stringify(message);
    const position = this.#position, { length } = text;
    deliver({ position, to: undefined, except, text, length });
  }
}

/** A session as the others see it. */
export function infoOf(session: Readonly<SessionRecord>): PeerInfo {
  const { id, user, roles, metadata, droppedAt } = session;
  return { id, user, roles, ...metadata, connected: droppedAt === 0 };
}

/** Whether two sockets are one. */
export function isSameHolder(a: Holder, b: Holder): boolean {
  return a.instance === b.instance && a.connection === b.connection;
}
