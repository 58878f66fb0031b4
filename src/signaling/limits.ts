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
  /** Connections of one address that are open at once. */
  connectionsPerAddress: number;
  /** Messages per second of all connections of one address, over time. */
  messagesPerSecondPerAddress: number;
  /** Messages that all connections of one address may send at once. */
  messageBurstPerAddress: number;
  /** Messages per second of one connection, over time. */
  messagesPerSecond: number;
  /** Messages that one connection may send at once. */
  messageBurst: number;
  /** Bytes per second of one connection, over time; counted as UTF-16 code units. */
  bytesPerSecond: number;
  /** Bytes that one connection may send at once; counted as UTF-16 code units. */
  byteBurst: number;
  /** Bytes that may wait for a client that reads slowly; looked at after every 16 KiB. */
  queuedBytes: number;
  /** Refused messages after which a connection is closed; one is forgiven every ten seconds. */
  faults: number;
  /** Time between two pings of the server, milliseconds. */
  heartbeatMs: number;
  /** Silence after which a connection is given up, milliseconds; checked at each heartbeat. */
  idleMs: number;
  /** Time a connection has to join a room, milliseconds; checked at each heartbeat. */
  joinMs: number;
  /** How long a session without a connection can be resumed, milliseconds. */
  resumeMs: number;
  /** Entries of a room that are kept for resuming; at least so many, at most twice. */
  replayEntries: number;
  /** The same in UTF-16 code units of messages: at most twice this and the longest message. */
  replayLength: number;
  /** How long a room stays without members, milliseconds, where it was not created with another. */
  emptyMs: number;
  /** How long an instance counts as alive after its last word, milliseconds. */
  leaseMs: number;
}

/** The limits that hold where the options name no others. */
export const DEFAULT_LIMITS: Readonly<SignalingLimits> = {
  // A browser's offer for a conference is 10–30 kB; four times that is no honest description.
  messageBytes: 128 * 1024,
  // Signaling of a full mesh: 32 members are 496 connections, more than browsers carry well.
  roomMembers: 32,
  rooms: 10_000,
  connections: 20_000,
  // A company behind one address; IPv6 clients have one each.
  connectionsPerAddress: 1000,
  messageBurstPerAddress: 8000,
  messagesPerSecondPerAddress: 800,
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
  // Long enough to change from Wi-Fi to a mobile network; WebRTC itself gives up after 30 s
  // (RFC 7675 §5.1: consent expires).
  resumeMs: 30_000,
  // What a full room says in some seconds of negotiation.
  replayEntries: 512,
  replayLength: 256 * 1024,
  emptyMs: 0,
  // Three words of life fit in, so that one may get lost.
  leaseMs: 15_000,
};
