/**
 * What a room's log holds. A store orders and keeps entries without looking into them; every
 * instance that follows the room applies them in that order to a `RoomState` and so knows the same.
 *
 * Entries are plain JSON. Appending one twice, or too late, changes nothing: each says what it
 * expects, and `RoomState` ignores it where that no longer holds.
 */
import type { SignalingErrorCode } from "./errors.ts";
import type { Attributes, PeerMetadata } from "./messages.ts";

/** How a room is set up. */
export interface RoomConfig {
  /** What the application says about the room. */
  metadata: Attributes;
  /** Members it takes, those who may still resume included. */
  members: number;
  /** How long the room stays without members, milliseconds. */
  emptyMs: number;
}

/** A session's socket: which instance holds it, and which of its sockets it is. */
export interface Holder {
  /** The instance. */
  instance: string;
  /** The socket, unique within the instance. */
  connection: number;
}

/** Numbers what a client sent. */
export interface Numbered {
  /** Who. */
  session: string;
  /** The client's own number: applied only where it follows the last one, so none is lost or doubled. */
  seq: number;
}

/** The room is set up, or set up anew. */
export interface ConfigureEntry {
  /** Tells entries apart. */
  kind: "configure";
  /** The whole configuration. */
  config: RoomConfig;
}

/** A session begins. */
export interface JoinEntry {
  /** Tells entries apart. */
  kind: "join";
  /** Its id. */
  session: string;
  /** Resumes it. */
  secret: string;
  /** Where its socket is. */
  holder: Holder;
  /** What it says about itself. */
  metadata: PeerMetadata;
  /** The subject of its token, or empty. */
  user: string;
  /** What it may do. */
  roles: string[];
  /** The set-up of the room, used when this is the first entry. */
  config: RoomConfig;
}

/** A session ends by its own will. */
export interface LeaveEntry {
  /** Tells entries apart. */
  kind: "leave";
  /** Who. */
  session: string;
}

/** A session's socket is gone; ignored when it has another one by now. */
export interface DropEntry {
  /** Tells entries apart. */
  kind: "drop";
  /** Who. */
  session: string;
  /** The socket that is gone. */
  holder: Holder;
}

/** A session has a new socket. */
export interface ResumeEntry {
  /** Tells entries apart. */
  kind: "resume";
  /** Who. */
  session: string;
  /** The new socket. */
  holder: Holder;
}

/** A session did not come back in time; ignored when it did. */
export interface ExpireEntry {
  /** Tells entries apart. */
  kind: "expire";
  /** Who. */
  session: string;
  /** Position of the entry that dropped it. */
  droppedAt: number;
}

/** An instance died: the sockets that it held are gone. */
export interface LostEntry {
  /** Tells entries apart. */
  kind: "lost";
  /** Which. */
  instance: string;
}

/** A member says something else about itself. */
export interface UpdateEntry extends Numbered {
  /** Tells entries apart. */
  kind: "update";
  /** The whole of it. */
  metadata: PeerMetadata;
}

/** A member says something to one other or to all. */
export interface MessageEntry extends Numbered {
  /** Tells entries apart. */
  kind: "message";
  /** The addressee; absent for everybody else. */
  to?: string;
  /**
   * The message as it travels, without position and sender: the inner text of a JSON object, such as
   * `"type":"data","data":1`. It is written once and never read by a server.
   */
  body: string;
}

/** A member sends another one out. */
export interface RemoveEntry extends Numbered {
  /** Tells entries apart. */
  kind: "remove";
  /** Whom. */
  target: string;
}

/** A member's message was refused: the sender is told, once, like everything else that happens. */
export interface RefuseEntry extends Numbered {
  /** Tells entries apart. */
  kind: "refuse";
  /** Why, for programs. */
  code: SignalingErrorCode;
  /** Why, for people. */
  message: string;
}

/** A member changes what the application says about the room. */
export interface MetadataEntry extends Numbered {
  /** Tells entries apart. */
  kind: "room";
  /** The whole of it. */
  metadata: Attributes;
}

/** The room ends: by force, or because it stayed empty since `emptySince`. */
export interface CloseEntry {
  /** Tells entries apart. */
  kind: "close";
  /** Position of the entry that emptied it; ignored when anything happened since. Absent: by force. */
  emptySince?: number;
}

/** One entry of a room's log. */
export type RoomEntry =
  | ConfigureEntry
  | JoinEntry
  | LeaveEntry
  | DropEntry
  | ResumeEntry
  | ExpireEntry
  | LostEntry
  | UpdateEntry
  | MessageEntry
  | RemoveEntry
  | MetadataEntry
  | RefuseEntry
  | CloseEntry;

/** A session as a snapshot holds it. */
export interface SessionRecord {
  /** Its id. */
  id: string;
  /** Resumes it. */
  secret: string;
  /** What it says about itself. */
  metadata: PeerMetadata;
  /** The subject of its token, or empty. */
  user: string;
  /** What it may do. */
  roles: string[];
  /** Where its socket is, or was. */
  holder: Holder;
  /** Position of the entry that dropped it; 0 while it is connected. */
  droppedAt: number;
  /** The highest `seq` that the log took. */
  ack: number;
}

/** A room as of one position of its log; plain JSON. */
export interface RoomSnapshot {
  /** The position. */
  position: number;
  /** The set-up. */
  config: RoomConfig;
  /** The members, in the order of joining. */
  sessions: SessionRecord[];
  /** Position of the entry that emptied the room; 0 when it has members or had none yet. */
  emptySince: number;
  /** Whether it has ended. */
  isClosed: boolean;
}
