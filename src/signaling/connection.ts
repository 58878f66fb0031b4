import type { Identity } from "./grants.ts";
import type { SignalingLimits } from "./limits.ts";
import type { OpenRoom } from "./open_room.ts";
import type { JoinMessage } from "./messages.ts";
import type { RoomRequest } from "./room_request.ts";
import type { Refusal } from "./sanity.ts";
import { TokenBucket } from "./token_bucket.ts";

/**
 * How a client is connected: a WebSocket; a stream of server-sent events, which hears and cannot
 * speak; or one HTTP request with its response.
 */
export type ConnectionKind = "socket" | "stream" | "exchange";

/** Where a connection stands. */
export type Place =
  | { state: "outside" }
  /** Its token is being verified. */
  | { state: "verifying"; message: JoinMessage }
  /** Waits for the room to be opened. */
  | { state: "waiting"; room: OpenRoom }
  /** Its join is on the way through the log. */
  | { state: "joining"; room: OpenRoom; session: string; message: JoinMessage }
  /** Its resume is on the way through the log. */
  | { state: "resuming"; room: OpenRoom; session: string; message: JoinMessage }
  | Inside
  | Acting
  /** Its request is on the way through the log. */
  | { state: "asking"; room: OpenRoom };

/** In a room. */
export interface Inside {
  /** Tells places apart. */
  state: "inside";
  /** The room. */
  room: OpenRoom;
  /** The session whose socket this is. */
  session: string;
  /** The number that the client's next message has. */
  nextSeq: number;
  /** What was acknowledged. */
  ackSent: number;
}

/** Speaks for a session from outside. */
export interface Acting {
  /** Tells places apart. */
  state: "acting";
  /** The room. */
  room: OpenRoom;
  /** The session. */
  session: string;
  /** The number that the client's next message has. */
  nextSeq: number;
  /** The last number that was appended; 0 for none. */
  lastSeq: number;
}

/** What a connection waits for a room with. */
export type Errand =
  | { type: "join"; message: JoinMessage }
  | { type: "act"; session: string; secret: string; messages: readonly string[] }
  | { type: "request"; request: RoomRequest }
  /** A socket that outlived its machine, such as one that hibernated. */
  | { type: "adopt"; session: string };

/** One client's connection. */
export interface Connection {
  readonly id: number;
  readonly kind: ConnectionKind;
  readonly address: string | undefined;
  readonly openedAt: number;
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  /** Emptied by messages that break the rules. */
  readonly patience: TokenBucket;
  /** Emptied by messages above the rate. */
  readonly floodPatience: TokenBucket;
  /** Who it is, where a token said so. */
  identity: Identity | undefined;
  /** Why its token was refused. */
  tokenFault: Refusal | undefined;
  place: Place;
  /** Whether messages are being dropped until `nextSeq` comes again. */
  isBlocked: boolean;
  heardAt: number;
  nextBeatAt: number;
}

/** One refused message is forgiven every ten seconds. */
const FORGIVEN_PER_SECOND = 0.1;

/** What is known of a client when it connects. */
export interface ConnectOptions {
  /** How it is connected; a WebSocket where it is not said. */
  kind?: ConnectionKind;
  /** Its network address, where limits per address are to hold. */
  address?: string | undefined;
  /** Who it is, where the handshake brought a valid token. */
  identity?: Identity | undefined;
}

/** A connection that has just opened. */
export function newConnection(
  id: number,
  now: number,
  limits: SignalingLimits,
  options: ConnectOptions,
): Connection {
  return {
    id,
    kind: options.kind ?? "socket",
    address: options.address,
    openedAt: now,
    messages: new TokenBucket(limits.messagesPerSecond, limits.messageBurst, now),
    bytes: new TokenBucket(limits.bytesPerSecond, limits.byteBurst, now),
    patience: new TokenBucket(FORGIVEN_PER_SECOND, limits.faults, now),
    // Whoever keeps twice the rate, after twice the burst, does not listen.
    floodPatience: new TokenBucket(limits.messagesPerSecond, limits.messageBurst, now),
    identity: options.identity,
    tokenFault: undefined,
    place: { state: "outside" },
    isBlocked: false,
    heardAt: now,
    nextBeatAt: now + limits.heartbeatMs,
  };
}
