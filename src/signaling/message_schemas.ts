/** The messages of the protocol as schemas: the one gate that untrusted JSON passes. */
import type { SignalingErrorCode } from "./errors.ts";
import type {
  ActMessage,
  Attributes,
  CandidateJson,
  ClientMessage,
  DescriptionJson,
  JoinedMessage,
  JoinMessage,
  LeaveReason,
  PeerInfo,
  ResumeJson,
  ServerMessage,
} from "./messages.ts";
import {
  anything,
  BOOLEAN,
  integer,
  list,
  literal,
  nullable,
  object,
  oneOf,
  optional,
  record,
  type Schema,
  text,
  variants,
  withDefault,
} from "./schema.ts";

/** Messages of the protocol, by type. */
type Variant<Message extends { type: string }, Type extends Message["type"]> = Extract<
  Message,
  { type: Type }
>;

/** Sequence numbers and positions are exact in a double and never wrap. */
const COUNT: Schema<number> = integer(0, Number.MAX_SAFE_INTEGER);

/** `seq`: rising within a session. */
const SEQ: Schema<number> = integer(1, Number.MAX_SAFE_INTEGER, "1, 2, 3 … in a session");

/** Room names stand in URLs and logs: the unreserved characters of RFC 3986 §2.3. */
export const ROOM: Schema<string> = text({
  maxLength: 64,
  pattern: /^[A-Za-z0-9._~-]+$/,
  description: "1 to 64 letters, digits or . _ ~ -",
});

/** Names a member, an instance or an epoch. */
export const ID: Schema<string> = text({ maxLength: 16, pattern: /^[0-9a-f]{16}$/ });

/** An addressee: whether it exists is looked up, so its form need not be looked at. */
const ADDRESSEE: Schema<string> = {
  ...ID,
  read: (value) => typeof value === "string" && value.length === 16 ? value : undefined,
};

const SECRET: Schema<string> = text({ maxLength: 32, pattern: /^[0-9a-f]{32}$/ });

/** A JWT (RFC 7519); their headers and claims are short. */
const TOKEN: Schema<string> = text({ maxLength: 8192, pattern: /^[A-Za-z0-9._=-]*$/ });

/**
 * Names are shown to people: nothing that moves the cursor or turns the direction of the text. The
 * zero-width joiner stays, emoji are made with it.
 */
const NAME_RULE: Schema<string> = text({
  maxLength: 64,
  pattern: /^(?:\u200d|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}])*$/u,
  description: "up to 64 printable characters",
});
const NAME: Schema<string> = withDefault(
  { ...NAME_RULE, read: (value) => NAME_RULE.read(value)?.trim() },
  "",
);
const KIND: Schema<string> = withDefault(
  text({ maxLength: 32, pattern: /^[a-z0-9-]*$/, description: "up to 32 of a-z, 0-9 and -" }),
  "",
);

/** Free texts by name, of members and rooms. */
export const ATTRIBUTES: Schema<Attributes> = record({
  key: /^[A-Za-z0-9._-]{1,64}$/,
  value: text({ maxLength: 512 }),
  maxEntries: 16,
  description: "up to 16 texts of 512 characters by name",
});

const METADATA = { name: NAME, kind: KIND, attributes: optional(ATTRIBUTES) };

const DESCRIPTION: Schema<DescriptionJson> = object<DescriptionJson>({
  type: oneOf("offer", "answer", "pranswer", "rollback"),
  sdp: withDefault(text({ maxLength: 1 << 20 }), ""),
}, "RTCSessionDescriptionInit (W3C webrtc-pc §4.6.2)");

/** RFC 8839 §5.4: ice-ufrag has at most 256 characters; tags (RFC 5888 §4) are as short in life. */
const TAG: Schema<string | null> = withDefault(nullable(text({ maxLength: 256 })), null);

const CANDIDATE: Schema<CandidateJson> = object<Required<CandidateJson>>({
  // RFC 8839 §5.1: lines are below 300 characters; extensions may add some.
  candidate: withDefault(text({ maxLength: 2048 }), ""),
  sdpMid: TAG,
  // W3C webrtc-pc §4.8.1: sdpMLineIndex is an unsigned short.
  sdpMLineIndex: withDefault(nullable(integer(0, 65535)), null),
  usernameFragment: TAG,
}, "RTCIceCandidateInit (W3C webrtc-pc §4.8.1)");

const RESUME: Schema<ResumeJson> = object<ResumeJson>({
  session: ID,
  secret: SECRET,
  epoch: ID,
  position: COUNT,
});

const JOIN: Schema<JoinMessage> = object<JoinMessage>({
  type: literal("join"),
  // Any number is well-formed: another version gets an answer of its own.
  version: COUNT,
  room: ROOM,
  token: optional(TOKEN),
  resume: optional(RESUME),
  ...METADATA,
});

const ACT: Schema<ActMessage> = object<ActMessage>({
  type: literal("act"),
  room: ROOM,
  session: ID,
  secret: SECRET,
});

/** Everything a client may send. */
export const CLIENT_MESSAGES: {
  readonly [Type in ClientMessage["type"]]: Schema<Variant<ClientMessage, Type>>;
} = {
  join: JOIN,
  leave: object<{ type: "leave" }>({ type: literal("leave") }),
  update: object<Variant<ClientMessage, "update">>({
    type: literal("update"),
    seq: SEQ,
    ...METADATA,
  }),
  description: object<Variant<ClientMessage, "description">>({
    type: literal("description"),
    seq: SEQ,
    to: ADDRESSEE,
    description: DESCRIPTION,
  }),
  candidate: object<Variant<ClientMessage, "candidate">>({
    type: literal("candidate"),
    seq: SEQ,
    to: ADDRESSEE,
    candidate: nullable(CANDIDATE),
  }),
  data: object<Variant<ClientMessage, "data">>({
    type: literal("data"),
    seq: SEQ,
    to: optional(ADDRESSEE),
    data: anything("any JSON value; without `to` it goes to everybody else"),
  }),
  remove: object<Variant<ClientMessage, "remove">>({
    type: literal("remove"),
    seq: SEQ,
    id: ID,
  }),
  room: object<Variant<ClientMessage, "room">>({
    type: literal("room"),
    seq: SEQ,
    metadata: ATTRIBUTES,
  }),
  pong: object<{ type: "pong" }>({ type: literal("pong") }),
  act: ACT,
};

/** A client's message. */
export const CLIENT_MESSAGE: Schema<ClientMessage> = variants<ClientMessage>(CLIENT_MESSAGES);

/** A role's name. */
export const ROLE: Schema<string> = text({ maxLength: 32, pattern: /^[a-z0-9-]+$/ });

const ROLE_LIST: Schema<string[]> = list(ROLE, 16);

const PEER: Schema<PeerInfo> = object<PeerInfo>({
  id: ID,
  user: text({ maxLength: 256 }),
  roles: ROLE_LIST,
  connected: BOOLEAN,
  ...METADATA,
});

const REASON: Schema<LeaveReason> = oneOf("left", "expired", "removed");

/** Codes of a newer server are passed on as they are. */
const CODE: Schema<SignalingErrorCode> = text({
  maxLength: 64,
  description: "see the table of codes",
}) as Schema<SignalingErrorCode>;

/** Everything a server may send. */
export const SERVER_MESSAGES: {
  readonly [Type in ServerMessage["type"]]: Schema<Variant<ServerMessage, Type>>;
} = {
  welcome: object<Variant<ServerMessage, "welcome">>({
    type: literal("welcome"),
    version: COUNT,
    heartbeatMs: integer(1, 1e9),
    messageBytes: integer(1, 1e9),
    resumeMs: integer(0, 1e9),
  }),
  joined: object<JoinedMessage>({
    type: literal("joined"),
    room: ROOM,
    self: ID,
    secret: SECRET,
    epoch: ID,
    position: COUNT,
    ack: COUNT,
    roles: ROLE_LIST,
    metadata: ATTRIBUTES,
    peers: list(PEER, 10_000),
  }),
  resumed: object<Variant<ServerMessage, "resumed">>({
    type: literal("resumed"),
    room: ROOM,
    self: ID,
    epoch: ID,
    position: COUNT,
    ack: COUNT,
  }),
  left: object<Variant<ServerMessage, "left">>({ type: literal("left"), room: ROOM }),
  "peer-joined": object<Variant<ServerMessage, "peer-joined">>({
    type: literal("peer-joined"),
    position: COUNT,
    peer: PEER,
  }),
  "peer-updated": object<Variant<ServerMessage, "peer-updated">>({
    type: literal("peer-updated"),
    position: COUNT,
    peer: PEER,
  }),
  "peer-left": object<Variant<ServerMessage, "peer-left">>({
    type: literal("peer-left"),
    position: COUNT,
    id: ID,
    reason: REASON,
  }),
  "room-updated": object<Variant<ServerMessage, "room-updated">>({
    type: literal("room-updated"),
    position: COUNT,
    metadata: ATTRIBUTES,
  }),
  description: object<Variant<ServerMessage, "description">>({
    type: literal("description"),
    position: COUNT,
    from: ID,
    description: DESCRIPTION,
  }),
  candidate: object<Variant<ServerMessage, "candidate">>({
    type: literal("candidate"),
    position: COUNT,
    from: ID,
    candidate: nullable(CANDIDATE),
  }),
  data: object<Variant<ServerMessage, "data">>({
    type: literal("data"),
    position: COUNT,
    from: ID,
    data: anything("what the sender gave"),
    broadcast: optional(BOOLEAN),
  }),
  ack: object<Variant<ServerMessage, "ack">>({
    type: literal("ack"),
    seq: COUNT,
    position: COUNT,
  }),
  ping: object<Variant<ServerMessage, "ping">>({
    type: literal("ping"),
    ack: COUNT,
    position: COUNT,
  }),
  reconnect: object<Variant<ServerMessage, "reconnect">>({
    type: literal("reconnect"),
    withinMs: COUNT,
  }),
  error: object<Variant<ServerMessage, "error">>({
    type: literal("error"),
    code: CODE,
    message: text({ maxLength: 4096 }),
    seq: optional(SEQ),
    position: optional(COUNT),
  }),
};

/** A server's message. */
export const SERVER_MESSAGE: Schema<ServerMessage> = variants<ServerMessage>(SERVER_MESSAGES);

/** Reads a server's message, or returns `undefined` for one that this version does not know. */
export function parseServerMessage(json: string): ServerMessage | undefined {
  return SERVER_MESSAGE.read(parseJson(json));
}

/** Whether `value` can name a room: 1 to 64 letters, digits, `.`, `_`, `~` or `-`. */
export function isRoomName(value: unknown): value is string {
  return ROOM.read(value) !== undefined;
}

/** `undefined` where `json` is none. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
