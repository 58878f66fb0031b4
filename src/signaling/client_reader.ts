/**
 * What a client checks of a server's messages: enough that its own code never meets a value of another
 * type. What members said, the server has checked; the full schemas would cost a page more than the
 * client itself.
 */
import type { ServerMessage } from "./messages.ts";

/** Fields, each behind the first letter of its type: n, s, o(bject), a(rray), p(eer), P(eers), or `?`. */
type Shape = string;

const PEER: Shape = "sid sname skind aroles";
const SHAPES: Readonly<Record<ServerMessage["type"], Shape>> = {
  welcome: "nheartbeatMs nmessageBytes",
  joined: "nposition nack sself ssecret sepoch aroles ometadata Ppeers",
  resumed: "nposition nack sself",
  left: "",
  "peer-joined": "nposition ppeer",
  "peer-updated": "nposition ppeer",
  "peer-left": "nposition sid sreason",
  "room-updated": "nposition ometadata",
  description: "nposition sfrom odescription",
  candidate: "nposition sfrom ?candidate",
  data: "nposition sfrom ?data",
  ack: "nposition nseq",
  ping: "nposition nack",
  reconnect: "nwithinMs",
  error: "scode smessage",
};

/** Reads a server's message, or returns `undefined` for what is none that this client knows. */
export function readServerMessage(json: string): ServerMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const type = isObject(value) ? value.type as ServerMessage["type"] : "left";
  const isKnown = Object.hasOwn(SHAPES, type) && fits(value, SHAPES[type]);
  return isKnown ? value as ServerMessage : undefined;
}

function fits(value: unknown, shape: Shape): boolean {
  return isObject(value) &&
    shape.split(" ").every((field) => isOf(field.charAt(0), value[field.slice(1)]));
}

function isOf(kind: string, value: unknown): boolean {
  switch (kind) {
    case "n":
      return typeof value === "number";
    case "s":
      return typeof value === "string";
    case "a":
      return Array.isArray(value);
    case "o":
      return isObject(value);
    case "p":
      return fits(value, PEER);
    case "P":
      return Array.isArray(value) && value.every((peer) => fits(peer, PEER));
    default:
      return value !== undefined || kind === "";
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
