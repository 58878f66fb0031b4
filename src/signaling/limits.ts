/** What one server grants. Every number has a reason; {@linkcode DEFAULT_LIMITS} gives both. */
export interface SignalingLimits {
  /** Longest message of a client, bytes of UTF-8. */
  messageBytes: number;
  /** Members of one room. */
  roomMembers: number;
  /** Rooms that exist at once. */
  rooms: number;
  /** Connections that are open at once. */
  connections: number;
  /** Messages per second of one connection, over time. */
  messagesPerSecond: number;
  /** Messages that one connection may send at once. */
  messageBurst: number;
  /** Bytes per second of one connection, over time. */
  bytesPerSecond: number;
  /** Bytes that one connection may send at once. */
  byteBurst: number;
  /** Bytes that may wait for a client that reads slowly. */
  queuedBytes: number;
  /** Refused messages after which a connection is closed; one is forgiven every ten seconds. */
  faults: number;
  /** Time between two pings of the server, milliseconds. */
  heartbeatMs: number;
  /** Silence after which a connection is given up, milliseconds; checked at each heartbeat. */
  idleMs: number;
  /** Time a connection has to join a room, milliseconds; checked at each heartbeat. */
  joinMs: number;
}

/** The limits that hold where the options name no others. */
export const DEFAULT_LIMITS: Readonly<SignalingLimits> = {
  // A browser's offer for a conference is 10–30 kB; four times that is no honest description.
  messageBytes: 128 * 1024,
  // Signaling of a full mesh: 32 members are 496 connections, more than browsers carry well.
  roomMembers: 32,
  rooms: 10_000,
  connections: 20_000,
  // Joining a room of 32 costs 31 descriptions and some ten candidates for each of them, at once.
  messageBurst: 400,
  messagesPerSecond: 40,
  byteBurst: 1024 * 1024,
  bytesPerSecond: 128 * 1024,
  // A few full joins; a healthy client reads them within a round trip.
  queuedBytes: 2 * 1024 * 1024,
  faults: 16,
  // Proxies cut WebSockets that are silent for 60 s (nginx) or 100 s: stay well below.
  heartbeatMs: 20_000,
  idleMs: 50_000,
  joinMs: 20_000,
};
