/**
 * The signaling protocol: JSON objects over WebSocket text messages, told apart by `type`.
 *
 * ```
 * client                                  server                                  others
 *    | ---- WebSocket handshake ------------> |
 *    | <--- welcome {version, heartbeatMs} -- |
 *    | ---- join {version, room, name} -----> | ---- peer-joined {peer} ------------> |
 *    | <--- joined {self, peers} ------------ |
 *    | ---- description {to} ---------------> | ---- description {from} ------------> | addressee
 *    | <--- candidate {from} ---------------- | <--- candidate {to} ----------------- | alone
 *    | <--- ping ---------------------------- |
 *    | ---- pong ---------------------------> |
 *    | ---- leave, or the socket closes ----> | ---- peer-left {id} ----------------> |
 * ```
 *
 * `from` is always written by the server. Fields that the protocol does not name are not relayed.
 *
 * @module
 */
import type { SignalingErrorCode } from "./errors.ts";

/** The version that both sides name; a change that old clients cannot ignore raises it. */
export const PROTOCOL_VERSION = 1;

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

/** What an application says about a member. */
export interface PeerMetadata {
  /** For people: up to 64 characters, no control characters. May be empty. */
  name: string;
  /** For programs: up to 32 of `a`–`z`, `0`–`9` and `-`, such as `browser`. May be empty. */
  kind: string;
}

/** A member of a room. */
export interface PeerInfo extends PeerMetadata {
  /** Names the member in this room; given by the server. */
  id: string;
}

/** Everything a client may send. */
export type ClientMessage =
  | ({ type: "join"; version: number; room: string } & PeerMetadata)
  | { type: "leave" }
  | ({ type: "update" } & PeerMetadata)
  | { type: "description"; to: string; description: DescriptionJson }
  | { type: "candidate"; to: string; candidate: CandidateJson | null }
  | { type: "pong" };

/** Everything a server may send. */
export type ServerMessage =
  | { type: "welcome"; version: number; heartbeatMs: number; messageBytes: number }
  | { type: "joined"; room: string; self: string; peers: PeerInfo[] }
  | { type: "left"; room: string }
  | { type: "peer-joined"; peer: PeerInfo }
  | { type: "peer-updated"; peer: PeerInfo }
  | { type: "peer-left"; id: string }
  | { type: "description"; from: string; description: DescriptionJson }
  | { type: "candidate"; from: string; candidate: CandidateJson | null }
  | { type: "ping" }
  | { type: "error"; code: SignalingErrorCode; message: string };
