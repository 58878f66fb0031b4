/**
 * The client's side of signaling, for browsers, Deno, Bun and Node: {@linkcode SignalingClient}
 * speaks the protocol and stays connected, {@linkcode joinRoom} keeps a peer connection with every
 * member of a room, {@linkcode Negotiator} is perfect negotiation alone.
 *
 * @module
 */
export * from "./errors.ts";
export * from "./messages.ts";
export { isRoomName, parseServerMessage } from "./message_schemas.ts";
export * from "./negotiator.ts";
export * from "./room_session.ts";
export * from "./signaling_client.ts";
