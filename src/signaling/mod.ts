/**
 * Signaling as Hono routes, and the client that goes with them.
 *
 * {@linkcode signaling} makes routes for any Hono application: rooms over WebSocket, with limits and
 * typed errors. {@linkcode joinRoom} keeps a peer connection with each member of a room, with the
 * browser's `RTCPeerConnection` or Sterna's. {@linkcode RoomMachine} is the heart alone, without I/O.
 *
 * @module
 */
export { type Entropy, SternaError } from "../base/mod.ts";
export * from "./client.ts";
export * from "./limits.ts";
export * from "./rooms.ts";
export * from "./routes.ts";
export { isRoomName } from "./validate.ts";
export type { AdapterEvents, AdapterSocket, AdapterUpgrade } from "./upgrade.ts";
