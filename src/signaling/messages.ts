/**
 * The signaling protocol, version 2: JSON objects over WebSocket text messages (or SSE and POST, see
 * `routes.ts`), told apart by `type`.
 *
 * Each room is one totally ordered log. What happens in it has a `position` there, and every message
 * about it carries that position. A client numbers what it sends (`seq`: 1, 2, 3 … in a session); the
 * log takes each number once and in order. So both directions survive a lost connection or a killed
 * instance: the client says which position it saw last and sends again what was not acknowledged;
 * nothing is lost or doubled. What the log refuses is answered by an `error` with `seq` and
 * `position`, and counts as taken. What a connection refuses (`rate-limited`) is not taken: `seq` of
 * that error is the number to go on with, after a pause; what was sent behind it is dropped as well.
 *
 * ```
 * client                                    server                                  others
 *    | ---- WebSocket handshake --------------> |
 *    | <--- welcome {version, heartbeatMs} ---- |
 *    | ---- join {version, room, token?} -----> | -- peer-joined {position, peer} ---> |
 *    | <--- joined {self, secret, epoch,        |
 *    |        position, peers, ack} ----------- |
 *    | ---- description {seq: 1, to} ---------> | -- description {position, from} ---> | addressee
 *    | ---- data {seq: 2} --------------------> | -- data {position, from} ----------> | everybody
 *    | <--- candidate {position, from} -------- | <--- candidate {seq, to} ----------- |
 *    | <--- ack {seq: 2, position} ------------ |
 *    | <--- ping {ack, position} -------------- |
 *    | ---- pong -----------------------------> |
 *    |                                          |
 *    x  the connection is lost                  | -- peer-updated {connected: false} > |
 *    |                                          |
 *    | ---- WebSocket handshake, any instance > |
 *    | <--- welcome --------------------------- |
 *    | ---- join {room, resume: {session,       |
 *    |        secret, epoch, position}} ------> | -- peer-updated {connected: true} -> |
 *    | <--- resumed {position, ack} ----------- |
 *    | <--- what came in between -------------- |
 *    | ---- what was not acknowledged --------> |
 *    |                                          |
 *    |  where that is no longer possible:       |
 *    | <--- error resume-expired -------------- |
 *    | <--- joined {self, secret, …} ---------- |
 *    |                                          |
 *    | ---- leave, or close with 1000 --------> | -- peer-left {position, id} -------> |
 * ```
 *
 * After `resume-expired`, `joined.self` is the old session when it still exists (only messages were
 * lost: `ack` tells which of the client's own arrived), and otherwise a new one.
 *
 * `from` is always written by the server. Fields that the protocol does not name are not relayed.
 * A client ignores types that it does not know, and events whose position it has passed.
 *
 * @module
 */
import type { SignalingErrorCode } from "./errors.ts";

/** The version that both sides name; a change that old clients cannot ignore raises it. */
export const PROTOCOL_VERSION = 2;

/** `RTCSessionDescriptionInit` as it travels (W3C webrtc-pc §4.4.1). */
export interface DescriptionJson {
  /** Kind of description. */
  type: "offer" | "answer" | "pranswer" | "rollback";
  /** The session description (RFC 8866). */
  sdp: string;
}

/** `RTCIceCandidateInit` as it travels (W3C webrtc-pc §4.8.1); an empty `candidate` ends them. */
export interface CandidateJson {
  /** The candidate attribute (RFC 8839 §5.1), or empty at the end of candidates. */
  candidate: string;
  /** Identification tag of the media description. */
  sdpMid?: string | null;
  /** Index of the media description. */
  sdpMLineIndex?: number | null;
  /** The ICE generation the candidate belongs to. */
  usernameFragment?: string | null;
}

/** What an application says about a member or a room: up to 16 short texts by name. */
export type Attributes = Record<string, string>;

/** What an application says about a member. */
export interface PeerMetadata {
  /** For people: up to 64 characters, no control characters. May be empty. */
  name: string;
  /** For programs: up to 32 of `a`–`z`, `0`–`9` and `-`, such as `browser`. May be empty. */
  kind: string;
  /** Whatever else the others should know. */
  attributes?: Attributes;
}

/** A member of a room. */
export interface PeerInfo extends PeerMetadata {
  /** Names the member in this room; given by the server, kept through a resume. */
  id: string;
  /** The subject (`sub`) of the member's token; empty without one. */
  user: string;
  /** What it may do, see `ROLES`. */
  roles: string[];
  /** Whether it has a signaling connection now; without one it may still resume. */
  connected: boolean;
}

/** What a client knows of the session it wants to resume. */
export interface ResumeJson {
  /** `self` of `joined`. */
  session: string;
  /** `secret` of `joined`. */
  secret: string;
  /** `epoch` of `joined`. */
  epoch: string;
  /** The highest position that it saw. */
  position: number;
}

/** Enters a room, or comes back into it. The first message of a connection. */
export interface JoinMessage extends PeerMetadata {
  /** `join`. */
  type: "join";
  /** {@linkcode PROTOCOL_VERSION}. */
  version: number;
  /** The room. */
  room: string;
  /** A JWT, where rooms need one and the handshake brought none. */
  token?: string;
  /** The session to resume. Where that fails, the rest of this message joins anew. */
  resume?: ResumeJson;
}

/** Everything a client may send. */
export type ClientMessage =
  | JoinMessage
  | { type: "leave" }
  | ({ type: "update"; seq: number } & PeerMetadata)
  | { type: "description"; seq: number; to: string; description: DescriptionJson }
  | { type: "candidate"; seq: number; to: string; candidate: CandidateJson | null }
  | { type: "data"; seq: number; to?: string; data: unknown }
  | { type: "remove"; seq: number; id: string }
  | { type: "room"; seq: number; metadata: Attributes }
  | { type: "pong" }
  | ActMessage;

/**
 * Speaks for a session without taking its stream over: the first message of a POST, where WebSockets
 * are blocked.
 */
export interface ActMessage {
  /** `act`. */
  type: "act";
  /** The room. */
  room: string;
  /** `self` of `joined`. */
  session: string;
  /** `secret` of `joined`. */
  secret: string;
}

/** Why a member is gone. */
export type LeaveReason = "left" | "expired" | "removed";

/** The answer to a join. */
export interface JoinedMessage {
  /** `joined`. */
  type: "joined";
  /** The room. */
  room: string;
  /** The id of this session: what the others call this member. */
  self: string;
  /** Resumes the session; nobody else gets to know it. */
  secret: string;
  /** Names the room's log; a room that was closed and opened again has another. */
  epoch: string;
  /** Where the log stands; `peers` and `metadata` are as of here. */
  position: number;
  /** The highest `seq` of this client that the log took; 0 in a new session. */
  ack: number;
  /** What this member may do. */
  roles: string[];
  /** What the application says about the room. */
  metadata: Attributes;
  /** The others. */
  peers: PeerInfo[];
}

/** Everything a server may send. */
export type ServerMessage =
  | {
    type: "welcome";
    version: number;
    heartbeatMs: number;
    messageBytes: number;
    resumeMs: number;
  }
  | JoinedMessage
  | {
    type: "resumed";
    room: string;
    self: string;
    epoch: string;
    position: number;
    ack: number;
  }
  | { type: "left"; room: string }
  | { type: "peer-joined"; position: number; peer: PeerInfo }
  | { type: "peer-updated"; position: number; peer: PeerInfo }
  | { type: "peer-left"; position: number; id: string; reason: LeaveReason }
  | { type: "room-updated"; position: number; metadata: Attributes }
  | { type: "description"; position: number; from: string; description: DescriptionJson }
  | { type: "candidate"; position: number; from: string; candidate: CandidateJson | null }
  | { type: "data"; position: number; from: string; data: unknown; broadcast?: boolean }
  | { type: "ack"; seq: number; position: number }
  | { type: "ping"; ack: number; position: number }
  | { type: "reconnect"; withinMs: number }
  | {
    type: "error";
    code: SignalingErrorCode;
    message: string;
    seq?: number;
    position?: number;
  };
