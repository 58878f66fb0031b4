import { type Context, Hono } from "hono";
import { refuse } from "../../http_errors.ts";
import { DEFAULT_LIMITS } from "../../limits.ts";
import { isRoomName, parseJson } from "../../message_schemas.ts";
import { readText } from "../../read_text.ts";
import { signaling } from "../../routes.ts";
import type { DurableNamespace, DurableStub } from "./durable_host.ts";
import type { SignalingRoomOptions } from "./signaling_room.ts";

/** How the Worker's half behaves: what {@linkcode SignalingRoom} is configured with, too. */
export interface DurableSignalingOptions extends SignalingRoomOptions {
  /** Name of the binding of the objects' namespace; `ROOMS` where it is absent. */
  binding?: string;
}

/** A Hono application with the routes of {@linkcode durableSignaling}. */
export interface DurableSignalingRoutes extends Hono {
  /** Name of the binding of the objects' namespace. */
  readonly binding: string;
}

/** The Worker itself holds no rooms and makes no random numbers, which no Worker may while it loads. */
const NO_INSTANCE = "0000000000000000";

/**
 * The routes of `signaling` for a Worker whose rooms are Durable Objects: what concerns a room is
 * forwarded to its object, the rest is answered here. The WebSocket handshake names its room, as
 * `/ws?room=demo`, for an object has to be chosen before the first message.
 *
 * @throws {TypeError} at the first request when the namespace is not bound
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { durableSignaling } from "@sterna/webrtc/signaling/durable-objects";
 *
 * const app = new Hono();
 * app.route("/rtc", durableSignaling({ binding: "ROOMS" }));
 * export default app;
 * ```
 */
export function durableSignaling(options: DurableSignalingOptions = {}): DurableSignalingRoutes {
  const { binding = "ROOMS", ...shared } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const local = signaling({ ...shared, instance: NO_INSTANCE });
  const app = new Hono();
  app.get("/ws", async (context, next) => {
    // What is no handshake, and what comes from foreign pages, is refused here.
    if (context.req.header("upgrade")?.toLowerCase() !== "websocket") return await next();
    return await forward(context, binding, "/ws", context.req.query("room"));
  });
  for (const path of ["/events", "/messages", "/rooms"]) {
    app.post(path, async (context) => {
      const body = await readText(context.req.raw, 2 * limits.messageBytes);
      if (body === undefined) return refuse(context, "too-large", "the body is too large");
      // The room stands in the first line: in a join, an act, or a request for a room.
      const first = path === "/messages" ? body.split("\n", 1)[0] : body;
      const { room } = (parseJson(first ?? "") ?? {}) as { room?: unknown };
      return await forward(context, binding, path, room, body);
    });
  }
  const byName = (context: Context): Promise<Response> => {
    const room = context.req.param("room");
    return forward(context, binding, `/rooms/${room}`, room);
  };
  app.get("/rooms/:room", byName);
  app.delete("/rooms/:room", byName);
  return Object.assign(app.route("/", local), { binding });
}

async function forward(
  context: Context,
  binding: string,
  path: string,
  room: unknown,
  body?: string,
): Promise<Response> {
  if (typeof room !== "string" || !isRoomName(room)) {
    return refuse(context, "bad-message", "name the room: /ws?room=NAME");
  }
  const url = new URL(context.req.url);
  url.pathname = path;
  const { raw } = context.req, { method, headers } = raw;
  const request = body === undefined
    ? new Request(url, raw)
    : new Request(url, { method, headers, body });
  return await stubOf(context, binding, room).fetch(request);
}

function stubOf(context: Context, binding: string, room: string): DurableStub {
  const namespace = (context.env as Record<string, DurableNamespace | undefined>)[binding];
  if (namespace === undefined) {
    throw new TypeError(`bind a namespace of Durable Objects as ${binding}`);
  }
  return namespace.getByName?.(room) ?? namespace.get(namespace.idFromName(room) as never);
}
