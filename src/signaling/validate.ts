/**
 * The one gate that untrusted JSON passes. It builds new objects of known fields, so that nothing
 * else is relayed, and never throws.
 */
import type { SignalingErrorCode } from "./errors.ts";
import {
  type CandidateJson,
  type ClientMessage,
  type DescriptionJson,
  type PeerInfo,
  type PeerMetadata,
  PROTOCOL_VERSION,
  type ServerMessage,
} from "./messages.ts";

/** Why a message is refused. */
export interface Fault {
  /** Tells it apart from the messages. */
  type: "fault";
  /** For programs. */
  code: SignalingErrorCode;
  /** For people. */
  message: string;
}

type Fields = Record<string, unknown>;

/** Room names stand in URLs and logs: the unreserved characters of RFC 3986 §2.3. */
const ROOM = /^[A-Za-z0-9._~-]{1,64}$/;
const KIND = /^[a-z0-9-]{0,32}$/;
const PEER_ID = /^[0-9a-f]{16}$/;
/**
 * Names are shown to people: nothing that moves the cursor or turns the direction of the text. The
 * zero-width joiner stays, emoji are made with it.
 */
const UNPRINTABLE = /(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const NAME_LENGTH = 64;
/** RFC 8839 §5.1 lines are below 300 characters; extensions may add some. */
const CANDIDATE_LENGTH = 2048;
/** RFC 8839 §5.4: ice-ufrag has at most 256 characters; tags (RFC 5888 §4) are as short in life. */
const TOKEN_LENGTH = 256;
/** What the client takes from a server that it chose. */
const MAX_PEERS = 10_000;

/** Reads a client's message; `room`, `name` and `kind` are within bounds when it succeeds. */
export function parseClientMessage(text: string): ClientMessage | Fault {
  const fields = parseObject(text);
  if (fields === undefined) return bad("a message is one JSON object");
  switch (fields.type) {
    case "join":
      return parseJoin(fields);
    case "leave":
      return { type: "leave" };
    case "update": {
      const metadata = parseMetadata(fields);
      return metadata === undefined ? bad(METADATA_RULE) : { type: "update", ...metadata };
    }
    case "description": {
      const description = parseDescription(fields.description);
      if (!isPeerId(fields.to) || description === undefined) {
        return bad("description needs to (a peer's id) and description {type, sdp}");
      }
      return { type: "description", to: fields.to, description };
    }
    case "candidate": {
      const candidate = parseCandidate(fields.candidate);
      if (!isPeerId(fields.to) || candidate === undefined) {
        return bad("candidate needs to (a peer's id) and candidate (RTCIceCandidateInit or null)");
      }
      return { type: "candidate", to: fields.to, candidate };
    }
    case "pong":
      return { type: "pong" };
    default:
      return bad("unknown type; known are join, leave, update, description, candidate, pong");
  }
}

/** Reads a server's message, or returns `undefined` for one that this version does not know. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const fields = parseObject(text);
  if (fields === undefined) return undefined;
  switch (fields.type) {
    case "welcome":
      return parseWelcome(fields);
    case "joined": {
      const peers = parsePeers(fields.peers);
      if (!isRoomName(fields.room) || !isPeerId(fields.self) || peers === undefined) {
        return undefined;
      }
      return { type: "joined", room: fields.room, self: fields.self, peers };
    }
    case "left":
      return isRoomName(fields.room) ? { type: "left", room: fields.room } : undefined;
    case "peer-joined":
    case "peer-updated": {
      const peer = parsePeer(fields.peer);
      return peer && { type: fields.type, peer };
    }
    case "peer-left":
      return isPeerId(fields.id) ? { type: "peer-left", id: fields.id } : undefined;
    case "description": {
      const description = parseDescription(fields.description);
      if (!isPeerId(fields.from) || description === undefined) return undefined;
      return { type: "description", from: fields.from, description };
    }
    case "candidate": {
      const candidate = parseCandidate(fields.candidate);
      if (!isPeerId(fields.from) || candidate === undefined) return undefined;
      return { type: "candidate", from: fields.from, candidate };
    }
    case "ping":
      return { type: "ping" };
    case "error":
      if (typeof fields.code !== "string" || typeof fields.message !== "string") return undefined;
      return {
        type: "error",
        code: fields.code as SignalingErrorCode,
        message: fields.message,
      };
    default:
      return undefined;
  }
}

/** Whether `value` can name a room: 1 to 64 letters, digits, `.`, `_`, `~` or `-`. */
export function isRoomName(value: unknown): value is string {
  return typeof value === "string" && ROOM.test(value);
}

const METADATA_RULE =
  "name is up to 64 printable characters, kind up to 32 of a-z, 0-9 and -; both may be left out";

function bad(message: string): Fault {
  return { type: "fault", code: "bad-message", message };
}

function parseObject(text: string): Fields | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPeerId(value: unknown): value is string {
  return typeof value === "string" && PEER_ID.test(value);
}

function isShort(value: unknown, length: number): value is string {
  return typeof value === "string" && value.length <= length;
}

function parseJoin(fields: Fields): ClientMessage | Fault {
  if (fields.version !== PROTOCOL_VERSION) {
    const message = `this server speaks version ${PROTOCOL_VERSION} of the signaling protocol`;
    return { type: "fault", code: "unsupported-version", message };
  }
  if (!isRoomName(fields.room)) {
    return bad("room is 1 to 64 letters, digits or . _ ~ -");
  }
  const metadata = parseMetadata(fields);
  if (metadata === undefined) return bad(METADATA_RULE);
  return { type: "join", version: PROTOCOL_VERSION, room: fields.room, ...metadata };
}

function parseMetadata(fields: Fields): PeerMetadata | undefined {
  const name = fields.name ?? "", kind = fields.kind ?? "";
  if (!isShort(name, NAME_LENGTH) || UNPRINTABLE.test(name)) return undefined;
  if (typeof kind !== "string" || !KIND.test(kind)) return undefined;
  return { name: name.trim(), kind };
}

function parseDescription(value: unknown): DescriptionJson | undefined {
  if (!isFields(value)) return undefined;
  const { type } = value;
  if (type !== "offer" && type !== "answer" && type !== "pranswer" && type !== "rollback") {
    return undefined;
  }
  const sdp = value.sdp ?? "";
  return typeof sdp === "string" ? { type, sdp } : undefined;
}

function parseCandidate(value: unknown): CandidateJson | null | undefined {
  if (value === null) return null;
  if (!isFields(value)) return undefined;
  const { sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = value;
  const candidate = value.candidate ?? "";
  if (!isShort(candidate, CANDIDATE_LENGTH)) return undefined;
  if (sdpMid !== null && !isShort(sdpMid, TOKEN_LENGTH)) return undefined;
  if (usernameFragment !== null && !isShort(usernameFragment, TOKEN_LENGTH)) return undefined;
  // W3C webrtc-pc §4.8.1: sdpMLineIndex is an unsigned short.
  if (sdpMLineIndex !== null && !isWithin(sdpMLineIndex, 0, 65535)) return undefined;
  return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
}

function parseWelcome(fields: Fields): ServerMessage | undefined {
  const { version, heartbeatMs, messageBytes } = fields;
  if (!isWithin(version, 0, 1e6) || !isWithin(heartbeatMs, 1, 1e9)) return undefined;
  if (!isWithin(messageBytes, 1, 1e9)) return undefined;
  return { type: "welcome", version, heartbeatMs, messageBytes };
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function parsePeer(value: unknown): PeerInfo | undefined {
  if (!isFields(value) || !isPeerId(value.id)) return undefined;
  const metadata = parseMetadata(value);
  return metadata && { id: value.id, ...metadata };
}

function parsePeers(value: unknown): PeerInfo[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_PEERS) return undefined;
  const peers: PeerInfo[] = [];
  for (const item of value) {
    const peer = parsePeer(item);
    if (peer === undefined) return undefined;
    peers.push(peer);
  }
  return peers;
}
