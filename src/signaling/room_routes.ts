/** Rooms by HTTP, for holders of an admin grant. */
import type { Context, Hono } from "hono";
import { accessTo } from "./grants.ts";
import { type Guard, isRefused } from "./guard.ts";
import { refuse, statusOf } from "./http_errors.ts";
import { ATTRIBUTES, isRoomName, parseJson, ROOM } from "./message_schemas.ts";
import type { Attributes, ServerMessage } from "./messages.ts";
import { readText } from "./read_text.ts";
import type { RoomRequest } from "./room_request.ts";
import { integer, object, optional, type Schema, withDefault } from "./schema.ts";
import type { Switchboard } from "./switchboard.ts";

/** The body of `POST /rooms`. */
export interface CreateRoom {
  /** The room's name. */
  room: string;
  /** What the application says about the room. */
  metadata: Attributes;
  /** Members it takes; as many as the server allows where it is absent. */
  members?: number;
  /** How long the room stays without members, milliseconds; five minutes where it is absent. */
  emptyMs: number;
}

const EMPTY_MS = 300_000;
const MAX_EMPTY_MS = 86_400_000;
const MAX_BODY_BYTES = 32 * 1024;

/** The body of `POST /rooms`. */
export const CREATE_ROOM: Schema<CreateRoom> = object<CreateRoom>({
  room: ROOM,
  metadata: withDefault(ATTRIBUTES, {}),
  members: optional(integer(1, 10_000)),
  emptyMs: withDefault(integer(0, MAX_EMPTY_MS), EMPTY_MS),
});

/** Adds `POST /rooms`, `GET /rooms/:room` and `DELETE /rooms/:room`. */
export function addRoomRoutes(app: Hono, board: Switchboard, guard: Guard): void {
  app.use("/rooms/*", guard.cors);
  app.post("/rooms", async (context) => {
    const text = await readText(context.req.raw, MAX_BODY_BYTES);
    if (text === undefined) return refuse(context, "too-large", "the body is too large");
    const value = parseJson(text), body = CREATE_ROOM.read(value);
    if (body === undefined) {
      return refuse(context, "bad-message", CREATE_ROOM.explain?.(value) ?? "malformed");
    }
    const most = board.machine.limits.roomMembers;
    const { room, metadata, members = most, emptyMs } = body;
    const config = { metadata, members: Math.min(members, most), emptyMs };
    return await ask(context, board, guard, { type: "create", room, config });
  });
  const byName = (type: "inspect" | "close") => async (context: Context): Promise<Response> => {
    const room = context.req.param("room");
    if (!isRoomName(room)) return refuse(context, "bad-message", "no such room name");
    return await ask(context, board, guard, { type, room });
  };
  app.get("/rooms/:room", byName("inspect"));
  app.delete("/rooms/:room", byName("close"));
}

async function ask(
  context: Context,
  board: Switchboard,
  guard: Guard,
  request: RoomRequest,
): Promise<Response> {
  const admitted = await guard.admit(context);
  if (isRefused(admitted)) return refuse(context, admitted.code, admitted.message);
  if (admitted.identity === undefined) {
    return refuse(context, "unauthorized", "rooms are administered with a token");
  }
  // The same answer whether the room exists or not.
  if (accessTo(admitted.identity, request.room)?.admin !== true) {
    return refuse(context, "room-forbidden", "the token has no admin grant for this room");
  }
  const result = await board.exchange({ request }, admitted);
  if (typeof result === "string") return refuse(context, result, "not now");
  const answer = parseJson(result.at(-1) ?? "{}") as ServerMessage | { type?: undefined };
  if (answer.type !== "error") return context.json(answer);
  const { code, message } = answer;
  return context.json({ error: { code, message } }, statusOf(code));
}
