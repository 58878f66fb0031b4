import type { ClientMessage } from "./messages.ts";
import { may, type Permission, type RoleTable } from "./roles.ts";
import type { RefuseEntry, RoomEntry, SessionRecord } from "./room_entry.ts";
import { checkCandidate, checkDescription, type Refusal } from "./sanity.ts";

/** What members number. */
export type NumberedMessage = Extract<ClientMessage, { seq: number }>;

/** What a message needs the sender to be allowed; `undefined` for nothing. */
function permissionFor(message: NumberedMessage): Permission | undefined {
  switch (message.type) {
    case "description":
    case "candidate":
      return "signal";
    case "data":
      return message.to === undefined ? "broadcast" : "signal";
    case "remove":
      return "remove";
    case "room":
      return "room";
    case "update":
      return undefined;
  }
}

/** The entry that stands for a member's message in the log: what it says, or that it was refused. */
export function memberEntry(
  message: NumberedMessage,
  sender: Readonly<SessionRecord>,
  table: RoleTable,
): Exclude<RoomEntry, RefuseEntry> | RefuseEntry {
  const { seq } = message, session = sender.id;
  const refusal = checkMember(message, sender, table);
  if (refusal !== undefined) return { kind: "refuse", session, seq, ...refusal };
  switch (message.type) {
    case "update":
      return { kind: "update", session, seq, metadata: metadataOf(message) };
    case "remove":
      return { kind: "remove", session, seq, target: message.id };
    case "room":
      return { kind: "room", session, seq, metadata: message.metadata };
    default: {
      const body = bodyOf(message);
      if (typeof body !== "string") return { kind: "refuse", session, seq, ...body };
      const { to } = message;
      if (to === undefined) return { kind: "message", session, seq, body };
      return { kind: "message", session, seq, to, body };
    }
  }
}

function checkMember(
  message: NumberedMessage,
  sender: Readonly<SessionRecord>,
  table: RoleTable,
): Refusal | undefined {
  const permission = permissionFor(message);
  if (permission !== undefined && !may(table, sender.roles, permission)) {
    const text = `${message.type} needs a role with the permission ${permission}`;
    return { code: "forbidden", message: text };
  }
  if (message.type === "description") return checkDescription(message.description);
  if (message.type === "candidate") return checkCandidate(message.candidate);
  return undefined;
}

/** The inner text of the message as the others get it. */
function bodyOf(message: Extract<NumberedMessage, { to?: string }>): string | Refusal {
  switch (message.type) {
    case "description":
      return `"type":"description","description":${JSON.stringify(message.description)}`;
    case "candidate":
      return `"type":"candidate","candidate":${JSON.stringify(message.candidate)}`;
    case "data":
      try {
        const text = `"type":"data","data":${JSON.stringify(message.data)}`;
        return message.to === undefined ? `${text},"broadcast":true` : text;
      } catch {
        // JSON.parse takes deeper nesting than JSON.stringify.
        return { code: "bad-message", message: "data is nested too deeply" };
      }
  }
}

/** What a join or an update says about its sender. */
export function metadataOf(
  { name, kind, attributes }: { name: string; kind: string; attributes?: Record<string, string> },
): { name: string; kind: string; attributes?: Record<string, string> } {
  return attributes === undefined ? { name, kind } : { name, kind, attributes };
}
