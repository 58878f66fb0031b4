/**
 * What a client may say, asked before it is said: a mistake of the caller's is an exception where it was
 * made, and no connection that the server closes. The server's schemas are the measure, a test compares.
 */
import type { Attributes, PeerMetadata } from "./messages.ts";

const NAME = /^(?:\u200d|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}])*$/u;
const KIND = /^[a-z0-9-]{0,32}$/;
const KEY = /^[A-Za-z0-9._-]{1,64}$/;
const ROOM = /^[A-Za-z0-9._~-]{1,64}$/;
const ID = /^[0-9a-f]{16}$/;

/** @throws {TypeError} `room` cannot name a room */
export function checkRoom(room: string): void {
  if (!ROOM.test(room)) throw new TypeError("no name of a room");
}

/** @throws {TypeError} `id` names nobody */
export function checkId(id: string): void {
  if (!ID.test(id)) throw new TypeError(`no id: ${id}`);
}

/** @throws {TypeError} a field is out of its bounds */
export function checkMetadata({ name, kind, attributes }: PeerMetadata): void {
  if (name.length > 64 || !NAME.test(name)) {
    throw new TypeError("name is too long or not printable");
  }
  if (!KIND.test(kind)) throw new TypeError("kind is up to 32 of a-z, 0-9, -");
  if (attributes !== undefined) checkAttributes(attributes);
}

/** @throws {TypeError} there are too many, or one is too long */
export function checkAttributes(attributes: Attributes): void {
  const entries = Object.entries(attributes);
  const isGood = ([key, value]: [string, unknown]): boolean =>
    KEY.test(key) && typeof value === "string" && value.length <= 512;
  if (entries.length > 16 || !entries.every(isGood)) {
    throw new TypeError("attributes are too many or too long");
  }
}
