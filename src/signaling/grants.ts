import { DEFAULT_ROLE } from "./roles.ts";

/** What a token grants in some rooms. */
export interface RoomGrant {
  /** The room's name; a `*` at the end stands for any continuation. */
  room: string;
  /** Roles there; {@linkcode DEFAULT_ROLE} where none is named. */
  roles?: string[];
  /** Whether a join may make the room. True where it is absent. */
  create?: boolean;
  /** Whether the holder may create, inspect and close the room by HTTP. */
  admin?: boolean;
}

/** Who a client is, as its token says. */
export interface Identity {
  /** The subject of the token (RFC 7519 §4.1.2), or empty. */
  user: string;
  /** What it may do, and where. */
  rooms: readonly RoomGrant[];
}

/** What an identity may do in one room. */
export interface Access {
  /** Roles. */
  readonly roles: string[];
  /** Whether a join may make the room. */
  readonly create: boolean;
  /** Whether it may be created, inspected and closed by HTTP. */
  readonly admin: boolean;
}

/** What everybody may do in open rooms. */
export const OPEN_ACCESS: Access = { roles: [DEFAULT_ROLE], create: true, admin: false };

/** What `identity` may do in `room`: all that its grants allow together; `undefined` without any. */
export function accessTo(identity: Identity, room: string): Access | undefined {
  const grants = identity.rooms.filter((grant) => covers(grant.room, room));
  if (grants.length === 0) return undefined;
  const roles = new Set(grants.flatMap((grant) => grant.roles ?? [DEFAULT_ROLE]));
  return {
    roles: [...roles],
    create: grants.some((grant) => grant.create !== false),
    admin: grants.some((grant) => grant.admin === true),
  };
}

function covers(pattern: string, room: string): boolean {
  return pattern.endsWith("*") ? room.startsWith(pattern.slice(0, -1)) : room === pattern;
}
