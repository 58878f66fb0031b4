/**
 * Rooms of signaling in Deno KV, for Deno Deploy.
 *
 * @module
 */
export type { KeepAlive, MaybePromise, RoomFollower, RoomLog, RoomStore } from "../../store.ts";
export type * from "../../room_entry.ts";
export type { SignalingErrorCode } from "../../errors.ts";
export type { Attributes, PeerMetadata } from "../../messages.ts";
export { DenoKvStore, type DenoKvStoreOptions } from "./kv_store.ts";
export type { KvClient, KvEntry, KvKey, KvSelector, KvTransaction } from "./kv_client.ts";
