/**
 * Rooms of signaling in NATS JetStream, for servers on several machines.
 *
 * @module
 */
export type { KeepAlive, MaybePromise, RoomFollower, RoomLog, RoomStore } from "../../store.ts";
export type * from "../../room_entry.ts";
export type { SignalingErrorCode } from "../../errors.ts";
export type { Attributes, PeerMetadata } from "../../messages.ts";
export type { NatsClient, NatsMessage, NatsSubscription } from "./nats_client.ts";
export { NatsStore, type NatsStoreOptions } from "./nats_store.ts";
