/**
 * Rooms of signaling as Durable Objects, for Cloudflare Workers and workerd.
 *
 * @module
 */
export type { KeepAlive, MaybePromise, RoomFollower, RoomLog, RoomStore } from "../../store.ts";
export type { ConnectionKind, ConnectOptions } from "../../connection.ts";
export type { Access, Identity, RoomGrant } from "../../grants.ts";
export type { Origins } from "../../guard.ts";
export type { KeySetOptions } from "../../key_set.ts";
export type { SignalingLimits } from "../../limits.ts";
export type { RoleTable } from "../../roles.ts";
export type * from "../../room_entry.ts";
export type { SignalingOptions, SignalingRoutes } from "../../routes.ts";
export type { SignalingErrorCode } from "../../errors.ts";
export type { Attributes, PeerMetadata } from "../../messages.ts";
export type {
  DurableNamespace,
  DurableState,
  DurableStub,
  HibernatingSocket,
  SqlCursor,
  SqlStorage,
} from "./durable_host.ts";
export {
  durableSignaling,
  type DurableSignalingOptions,
  type DurableSignalingRoutes,
} from "./durable_signaling.ts";
export { SignalingRoom, type SignalingRoomOptions } from "./signaling_room.ts";
export { SqlStore, type StoredRoom } from "./sql_store.ts";
