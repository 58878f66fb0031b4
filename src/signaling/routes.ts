import { Hono } from "hono";
import type { SignalingErrorCode } from "./errors.ts";
import type { SignalingLimits } from "./limits.ts";
import { PROTOCOL_VERSION } from "./messages.ts";
import { Switchboard } from "./switchboard.ts";
import { type AdapterUpgrade, upgrade } from "./upgrade.ts";

/** A Hono application with the routes of {@linkcode signaling}; mount it, or serve its `fetch`. */
export interface SignalingRoutes extends Hono {}

/** How the routes behave; everything may be left out. */
export interface SignalingOptions {
  /** Limits that differ from `DEFAULT_LIMITS`. */
  limits?: Partial<SignalingLimits>;
  /**
   * Which web pages may connect: a list of origins (`https://app.example`), or a function. Without
   * it every page may. Programs that are not browsers send no Origin and are not held back: the
   * list keeps other people's pages out, not attackers with tools of their own.
   */
  origins?: readonly string[] | ((origin: string) => boolean);
  /**
   * The handshake of the host's Hono adapter: from `hono/bun` in Bun, from `@hono/node-server` in
   * Node. Not needed in Deno and workerd.
   */
  upgradeWebSocket?: AdapterUpgrade;
}

/**
 * Signaling as Hono routes: `GET /ws` takes WebSockets that speak the protocol of `ClientMessage` and
 * `ServerMessage`, `GET /healthz` answers whether it does. Each call makes rooms of its own, kept in
 * memory and gone with the last member.
 *
 * @throws {TypeError} at the first handshake on a host that needs `upgradeWebSocket` and has none
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { signaling } from "@sterna/webrtc/signaling";
 *
 * const app = new Hono();
 * app.route("/rtc", signaling({ origins: ["https://app.example"] }));
 * export default app;
 * ```
 */
export function signaling(options: SignalingOptions = {}): SignalingRoutes {
  const board = new Switchboard(options.limits);
  const isAllowed = originCheck(options.origins);
  const app = new Hono();
  app.get("/healthz", (context) => {
    const { connections, rooms } = board.stats();
    return context.json({ status: "ok", version: PROTOCOL_VERSION, connections, rooms });
  });
  app.get("/ws", async (context) => {
    if (context.req.header("upgrade")?.toLowerCase() !== "websocket") {
      context.header("upgrade", "websocket");
      return context.json(refusal("upgrade-required", "this address speaks WebSocket"), 426);
    }
    const origin = context.req.header("origin");
    if (origin !== undefined && !isAllowed(origin)) {
      return context.json(refusal("origin-refused", "this origin is not on the allow-list"), 403);
    }
    if (!board.hasRoom) {
      context.header("retry-after", "10");
      return context.json(refusal("server-full", "no further connections"), 503);
    }
    return await upgrade(context, board.attach(), options.upgradeWebSocket);
  });
  return app;
}

function refusal(
  code: SignalingErrorCode,
  message: string,
): { error: { code: SignalingErrorCode; message: string } } {
  return { error: { code, message } };
}

function originCheck(origins: SignalingOptions["origins"]): (origin: string) => boolean {
  if (origins === undefined) return () => true;
  if (typeof origins === "function") return origins;
  const allowed = new Set(origins);
  return (origin) => allowed.has(origin);
}
