import type { SignalingErrorCode } from "./errors.ts";

/** Levels and counters of a machine. */
export interface RoomStats {
  /** Connections that are open. */
  connections: number;
  /** Rooms that this instance follows. */
  rooms: number;
  /** Sessions of those rooms, on whatever instance, connected or not. */
  sessions: number;
  /** Messages taken from clients. */
  messagesReceived: number;
  /** Messages that went through a room's log. */
  messagesRelayed: number;
  /** Messages refused or dropped, by code. */
  messagesRefused: ReadonlyMap<SignalingErrorCode, number>;
  /** Connections that the server closed, by reason. */
  connectionsClosed: ReadonlyMap<SignalingErrorCode, number>;
}
