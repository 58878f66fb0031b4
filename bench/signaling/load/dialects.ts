/** How each server is spoken to. */
import { createHmac } from "node:crypto";
import { type MessageKind, SECRET, type SubjectName } from "../protocol.ts";
import type { Target } from "./frame_socket.ts";

/** One client's side of a protocol. */
export interface Dialect {
  /** Where to connect. */
  readonly target: Omit<Target, "port">;
  /** What to say first, when the server waits for it. */
  readonly greeting?: string;
  /** Whether a message is a relayed one; otherwise `hear` is called. Must be quick. */
  isRelayed(bytes: Buffer, start: number): boolean;
  /** Any other message. Returns what to answer. */
  hear(text: string): string | undefined;
  /** Whether this client may send now. */
  isReady(): boolean;
  /** The next message to the partner. */
  message(kind: MessageKind): string;
}

/** A candidate as a browser sends it, and data of about the same length. */
const CANDIDATE = {
  candidate: "candidate:842163049 1 udp 1677729535 203.0.113.77 54321 typ srflx raddr 10.0.0.17 " +
    "rport 54321 generation 0 ufrag EsAw network-cost 999",
  sdpMid: "0",
  sdpMLineIndex: 0,
  usernameFragment: "EsAw",
};
const DATA = { text: "x".repeat(JSON.stringify(CANDIDATE).length - 11) };
const PAYLOADS = { data: JSON.stringify(DATA), candidate: JSON.stringify(CANDIDATE) };

const LETTER = { p: 0x70, C: 0x43, two: 0x32, four: 0x34 };

/** The dialect of client `index`; 0 and 1 are partners, 2 and 3 … */
export function dialectOf(subject: SubjectName, index: number): Dialect {
  const room = `room-${index >> 1}`;
  switch (subject) {
    case "sterna":
      return sterna(room);
    case "relay":
      return relay(room);
    case "peerjs":
      return peerJs(index);
    case "socket.io":
      return socketIo(room);
  }
}

/** The token that every client brings. */
const token = signToken({ exp: 4_102_444_800, sub: "bench", rooms: [{ room: "room-*" }] });

function signToken(claims: unknown): string {
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

function sterna(room: string): Dialect {
  let seq = 0, partner = "";
  return {
    target: {
      path: "/rtc/ws",
      protocols: `sterna, sterna.token.${token}`,
      origin: "https://app.example",
    },
    // {"position":; others begin with {"type":.
    isRelayed: (bytes, start) => bytes[start + 2] === LETTER.p,
    hear: (text) => {
      const message = JSON.parse(text);
      switch (message.type) {
        case "welcome":
          return JSON.stringify({ type: "join", version: 2, room, name: "", kind: "bench" });
        case "joined":
          partner = message.peers[0]?.id ?? "";
          return undefined;
        case "peer-joined":
          partner = message.peer.id;
          return undefined;
        case "ping":
          return '{"type":"pong"}';
        case "error":
          throw new Error(text);
      }
      return undefined;
    },
    isReady: () => partner !== "",
    message: (kind) =>
      kind === "data"
        ? `{"type":"data","seq":${++seq},"to":"${partner}","data":${PAYLOADS.data}}`
        : `{"type":"candidate","seq":${++seq},"to":"${partner}","candidate":${PAYLOADS.candidate}}`,
  };
}

function relay(room: string): Dialect {
  let isReady = false;
  return {
    target: { path: `/ws?room=${room}` },
    greeting: "hello",
    isRelayed: (bytes, start) => bytes[start] !== "h".charCodeAt(0),
    hear: () => {
      isReady = true;
      return undefined;
    },
    isReady: () => isReady,
    message: (kind) => PAYLOADS[kind],
  };
}

function peerJs(index: number): Dialect {
  let isReady = false;
  const dst = `client-${index ^ 1}`;
  return {
    target: { path: `/peerjs?key=peerjs&id=client-${index}&token=t${index}&version=1.5.5` },
    // {"type":"CANDIDATE"; the first message is {"type":"OPEN"}.
    isRelayed: (bytes, start) => bytes[start + 9] === LETTER.C,
    hear: (text) => {
      if (text.includes("ERROR")) throw new Error(text);
      isReady ||= text.includes("OPEN");
      return undefined;
    },
    isReady: () => isReady,
    message: (kind) => `{"type":"CANDIDATE","dst":"${dst}","payload":${PAYLOADS[kind]}}`,
  };
}

function socketIo(room: string): Dialect {
  let isReady = false;
  return {
    target: { path: `/socket.io/?EIO=4&transport=websocket&room=${room}` },
    // Engine.IO 4 (message), Socket.IO 2 (event).
    isRelayed: (bytes, start) => bytes[start] === LETTER.four && bytes[start + 1] === LETTER.two,
    hear: (text) => {
      if (text.startsWith("0")) return "40";
      if (text.startsWith("40")) isReady = true;
      return text === "2" ? "3" : undefined;
    },
    isReady: () => isReady,
    message: (kind) => `42["message",${PAYLOADS[kind]}]`,
  };
}
