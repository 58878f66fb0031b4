/**
 * The client's side of signaling, for browsers, Deno, Bun and Node: {@linkcode SignalingClient}
 * speaks the protocol and comes back after every loss, {@linkcode joinRoom} keeps a peer connection
 * with every member of a room, {@linkcode Negotiator} is perfect negotiation alone.
 *
 * @module
 */
export { SternaError } from "../base/mod.ts";
export * from "./client_events.ts";
export type { Fetch, WebSocketClass, WebSocketLike } from "./client_link.ts";
export { SignalingError, type SignalingErrorCode } from "./errors.ts";
export * from "./messages.ts";
export * from "./negotiator.ts";
export * from "./room_session.ts";
export * from "./signaling_client.ts";
