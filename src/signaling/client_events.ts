import type { SignalingError } from "./errors.ts";
import type { Attributes, LeaveReason, PeerInfo } from "./messages.ts";
import type { NegotiationSignal } from "./negotiator.ts";

/**
 * How a client is connected: by a WebSocket, or, where those are blocked, by a stream of server-sent
 * events and POST requests.
 */
export type Transport = "websocket" | "stream";

/**
 * Where a client stands: `connecting` for the first time, `joined`, `waiting` before it tries again,
 * `resuming` the session it had, or `closed` for good.
 */
export type SignalingState = "connecting" | "joined" | "waiting" | "resuming" | "closed";

/** Where a client stands, in figures. */
export interface SignalingStatus {
  /** The state. */
  state: SignalingState;
  /** In `waiting`: how long from then on, milliseconds. */
  retryMs: number;
  /** What it is, or was last, connected by. */
  transport: Transport;
  /** The last position of the room's log that it has seen; 0 before the first. */
  position: number;
  /** Messages that wait for a connection. */
  queued: number;
  /** Messages that the room has not confirmed yet, those that wait included. */
  unacknowledged: number;
}

/** The room as it is when this client comes in. */
export interface Joined {
  /** The id of this client: what the others call it. */
  self: string;
  /**
   * Whether the session is a new one. Otherwise it is the old one and only messages were lost, because
   * more was said in the meantime than the server keeps.
   */
  isNew: boolean;
  /** What this client may do. */
  roles: readonly string[];
  /** What the application says about the room. */
  metadata: Attributes;
  /** The others. */
  peers: readonly PeerInfo[];
}

/** Data of another member. */
export interface RoomMessage {
  /** The sender's id. */
  from: string;
  /** What it sent: any JSON value. Judge it as you judge any input. */
  data: unknown;
  /** Whether it went to everybody. */
  isBroadcast: boolean;
  /** Where it stands in the room's log: the same order for everybody. */
  position: number;
}

/** A message of this client that cannot be delivered any more for certain. */
export interface LostMessage {
  /** The addressee, or `all`. */
  to: string;
  /** The data. */
  data: unknown;
}

/** What a client tells, by name. */
export interface SignalingEvents {
  /** In the room with a session of its own, or with the old one after messages were lost. */
  joined: Joined;
  /** Back in the room with the old session: what was missed follows, nothing is lost. */
  resumed: { position: number };
  /** Somebody else entered. */
  peer: PeerInfo;
  /** Somebody says something else about itself, or lost or found its connection. */
  "peer-updated": PeerInfo;
  /** Somebody is gone. */
  "peer-left": { peer: PeerInfo; reason: LeaveReason };
  /** A member sent data. */
  message: RoomMessage;
  /** A member sent a description or a candidate. */
  signal: { from: string; signal: NegotiationSignal };
  /** What the application says about the room has changed. */
  room: Attributes;
  /** The state changed. */
  state: SignalingStatus;
  /** The room refused the message that {@linkcode SignalingClient.send} gave the number `seq`. */
  refused: { seq: number; error: SignalingError };
  /**
   * The session ended while these messages were on their way: whether they arrived is not known.
   * Messages that had not been on their way stay and go out in the new session.
   */
  lost: readonly LostMessage[];
  /** The connection was lost or refused; when the state is `closed` then, it was the last error. */
  error: SignalingError;
}

/** One event. */
export type SignalingEvent = {
  [Type in keyof SignalingEvents]: { readonly type: Type; readonly detail: SignalingEvents[Type] };
}[keyof SignalingEvents];
