/**
 * What can go wrong between a client and the signaling routes, as literal codes.
 *
 * | code | close code | meaning |
 * |---|---|---|
 * | `bad-message` | | not JSON, not an object of the protocol, or a field out of its bounds |
 * | `unsupported-version` | 4010 | the client speaks another version of the protocol |
 * | `too-large` | 4009 | a message is longer than `messageBytes` |
 * | `bad-sdp` | | a description is not SDP; `line` and rule are in the text |
 * | `bad-candidate` | | a candidate is not one of RFC 8839 |
 * | `rate-limited` | HTTP 429 | dropped: too many messages or bytes per second, of the connection or its address |
 * | `too-many-faults` | 4029 | a connection kept on sending what is refused |
 * | `not-joined` | | the message needs a room |
 * | `already-joined` | | a connection is in one room at a time |
 * | `room-full` | | the room has `roomMembers` members |
 * | `too-many-rooms` | | the server has `rooms` rooms |
 * | `unknown-peer` | | the addressee is not in the sender's room |
 * | `unknown-room` | HTTP 404 | there is no such room, and this client may not make it |
 * | `unknown-session` | HTTP 404 | no such session, or another secret |
 * | `unauthorized` | 4001, HTTP 401 | a token is needed, and there is none or it is not valid |
 * | `token-expired` | 4002, HTTP 401 | the token was good once; get another one |
 * | `room-forbidden` | 4003, HTTP 403 | the token does not grant this room, or not this much of it |
 * | `forbidden` | HTTP 403 | the member's roles do not allow it |
 * | `resume-expired` | | the session cannot be resumed without loss; `joined` follows |
 * | `replaced` | 4015 | the session was resumed on another connection |
 * | `removed` | 4012 | a moderator sent the member out |
 * | `room-closed` | 4014, HTTP 409 | the room was closed |
 * | `try-again` | 4016, HTTP 503 | the store of rooms failed; resume |
 * | `draining` | 4017, HTTP 503 | this instance goes down; resume elsewhere |
 * | `join-timeout` | 4011 | the connection did not join a room in time |
 * | `idle-timeout` | 4008 | nothing was heard, not even the answer to a ping |
 * | `slow-reader` | 4013 | more than `queuedBytes` wait for a client that does not read them |
 * | `too-many-connections` | HTTP 429 | the address has `connectionsPerAddress` connections |
 * | `server-full` | HTTP 503 | the server has `connections` connections |
 * | `origin-refused` | HTTP 403 | the page's origin is not on the allow-list |
 * | `upgrade-required` | HTTP 426 | the request is not a WebSocket handshake |
 * | `queue-full` | | raised by the client: too much waits to be taken by the room |
 * | `connection-lost` | | raised by the client: the WebSocket closed without one of the above |
 *
 * Codes without a close code leave the connection open. After 4008, 4013, 4016 and 4017 the session
 * can be resumed.
 *
 * @module
 */
import { SternaError } from "../base/mod.ts";

/** Every code the routes or the client report. */
export type SignalingErrorCode =
  | "bad-message"
  | "unsupported-version"
  | "too-large"
  | "bad-sdp"
  | "bad-candidate"
  | "rate-limited"
  | "too-many-faults"
  | "not-joined"
  | "already-joined"
  | "room-full"
  | "too-many-rooms"
  | "unknown-peer"
  | "unknown-room"
  | "unknown-session"
  | "unauthorized"
  | "token-expired"
  | "room-forbidden"
  | "forbidden"
  | "resume-expired"
  | "replaced"
  | "removed"
  | "room-closed"
  | "try-again"
  | "draining"
  | "join-timeout"
  | "idle-timeout"
  | "slow-reader"
  | "too-many-connections"
  | "server-full"
  | "origin-refused"
  | "upgrade-required"
  | "queue-full"
  | "connection-lost";

/** Application close codes (RFC 6455 §7.4.2: 4000–4999 are for private use). */
export const CLOSE_CODES: Readonly<Partial<Record<SignalingErrorCode, number>>> = {
  "unauthorized": 4001,
  "token-expired": 4002,
  "room-forbidden": 4003,
  "idle-timeout": 4008,
  "too-large": 4009,
  "unsupported-version": 4010,
  "join-timeout": 4011,
  "removed": 4012,
  "slow-reader": 4013,
  "room-closed": 4014,
  "replaced": 4015,
  "try-again": 4016,
  "draining": 4017,
  "too-many-faults": 4029,
};

/** The error class of the signaling layer. */
export class SignalingError extends SternaError<SignalingErrorCode> {}
