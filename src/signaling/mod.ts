/**
 * Signaling as Hono routes, and the client that goes with them.
 *
 * {@linkcode signaling} makes routes for any Hono application: rooms over WebSocket, with tokens, roles,
 * limits, typed errors, and sessions that survive a lost connection. Rooms live in a
 * {@linkcode RoomStore}: in memory, or shared by several instances. {@linkcode joinRoom} keeps a peer
 * connection with each member of a room, with the browser's `RTCPeerConnection` or Sterna's.
 * {@linkcode RoomMachine} is the heart alone, without I/O.
 *
 * @module
 */
export { type Entropy, SternaError } from "../base/mod.ts";
export * from "./actions.ts";
export * from "./client.ts";
export type { ConnectionKind, ConnectOptions } from "./connection.ts";
export { CLOSE_CODES } from "./errors.ts";
export type { Access, Identity, RoomGrant } from "./grants.ts";
export type { Origins } from "./guard.ts";
export type { KeySetOptions } from "./key_set.ts";
export * from "./limits.ts";
export * from "./memory_store.ts";
export { isRoomName, parseServerMessage } from "./message_schemas.ts";
export * from "./roles.ts";
export * from "./room_entry.ts";
export * from "./room_machine.ts";
export * from "./room_stats.ts";
export type { RoomRequest } from "./room_request.ts";
export { type Deliver, type Delivery, RoomState, type Verdict } from "./room_state.ts";
export * from "./routes.ts";
export type { Refusal } from "./sanity.ts";
export * from "./store.ts";
export * from "./switchboard.ts";
export * from "./switchboard_clock.ts";
export { type PublicJsonWebKey, type TokenAlgorithm, type TokenKey } from "./token_keys.ts";
export { type Claims, type TokenOptions, TokenVerifier } from "./tokens.ts";
export {
  type TurnCredentials,
  turnCredentials,
  type TurnOptions,
  type TurnSecret,
} from "./turn_credentials.ts";
export type {
  AdapterEvents,
  AdapterSocket,
  AdapterUpgrade,
  SocketHandlers,
  SocketPort,
} from "./upgrade.ts";
