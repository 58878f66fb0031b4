/**
 * Rooms of signaling in Redis, for servers on several machines.
 *
 * @module
 */
export type { KeepAlive, MaybePromise, RoomFollower, RoomLog, RoomStore } from "../../store.ts";
export type * from "../../room_entry.ts";
export type { SignalingErrorCode } from "../../errors.ts";
export type { Attributes, PeerMetadata } from "../../messages.ts";
export type { RedisClient, RedisSubscriber } from "./redis_client.ts";
export { RedisStore, type RedisStoreOptions } from "./redis_store.ts";
