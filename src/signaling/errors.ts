/**
 * What can go wrong between a client and the signaling routes, as literal codes.
 *
 * | code | close code | meaning |
 * |---|---|---|
 * | `bad-message` | | not JSON, not an object of the protocol, or a field out of its bounds |
 * | `unsupported-version` | 4010 | the client speaks another version of the protocol |
 * | `too-large` | 4009 | a message is longer than `messageBytes` |
 * | `rate-limited` | | the message was dropped: too many messages or bytes per second |
 * | `too-many-faults` | 4029 | a connection kept on sending what is refused |
 * | `not-joined` | | the message needs a room |
 * | `already-joined` | | a connection is in one room at a time |
 * | `room-full` | | the room has `roomMembers` members |
 * | `too-many-rooms` | | the server has `rooms` rooms |
 * | `unknown-peer` | | the addressee is not in the sender's room |
 * | `join-timeout` | 4011 | the connection did not join a room in time |
 * | `idle-timeout` | 4008 | nothing was heard, not even the answer to a ping |
 * | `slow-reader` | 4013 | more than `queuedBytes` wait for a client that does not read them |
 * | `server-full` | HTTP 503 | the server has `connections` connections |
 * | `origin-refused` | HTTP 403 | the page's origin is not on the allow-list |
 * | `upgrade-required` | HTTP 426 | the request is not a WebSocket handshake |
 * | `connection-lost` | | raised by the client: the WebSocket closed without one of the above |
 *
 * Codes without a close code leave the connection open.
 *
 * @module
 */
import { SternaError } from "../base/mod.ts";

/** Every code the routes or the client report. */
export type SignalingErrorCode =
  | "bad-message"
  | "unsupported-version"
  | "too-large"
  | "rate-limited"
  | "too-many-faults"
  | "not-joined"
  | "already-joined"
  | "room-full"
  | "too-many-rooms"
  | "unknown-peer"
  | "join-timeout"
  | "idle-timeout"
  | "slow-reader"
  | "server-full"
  | "origin-refused"
  | "upgrade-required"
  | "connection-lost";

/** Application close codes (RFC 6455 §7.4.2: 4000–4999 are for private use). */
export const CLOSE_CODES: Readonly<Partial<Record<SignalingErrorCode, number>>> = {
  "idle-timeout": 4008,
  "too-large": 4009,
  "unsupported-version": 4010,
  "join-timeout": 4011,
  "slow-reader": 4013,
  "too-many-faults": 4029,
};

/** The error class of the signaling layer. */
export class SignalingError extends SternaError<SignalingErrorCode> {}
