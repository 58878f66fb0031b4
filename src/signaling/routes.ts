import { type Context, Hono } from "hono";
import { asyncApi, openApi } from "./documents.ts";
import { addFallbackRoutes } from "./fallback_routes.ts";
import { Guard, isRefused, type Origins, subprotocolOf } from "./guard.ts";
import { refuse } from "./http_errors.ts";
import type { SignalingLimits } from "./limits.ts";
import { MemoryStore } from "./memory_store.ts";
import { metricsText } from "./metrics.ts";
import { PROTOCOL_VERSION } from "./messages.ts";
import type { RoleTable } from "./roles.ts";
import { addRoomRoutes } from "./room_routes.ts";
import type { RoomStore } from "./store.ts";
import { Switchboard } from "./switchboard.ts";
import type { SwitchboardClock } from "./switchboard_clock.ts";
import { type TokenOptions, TokenVerifier } from "./tokens.ts";
import { addTurnRoute, type TurnOptions } from "./turn_credentials.ts";
import { type AdapterUpgrade, upgrade } from "./upgrade.ts";

/** A Hono application with the routes of {@linkcode signaling}; mount it, or serve its `fetch`. */
export interface SignalingRoutes extends Hono {
  /** The machine, its sockets and its store, for hosts with a WebSocket handshake of their own. */
  readonly board: Switchboard;
  /**
   * Goes down gracefully: `/readyz` answers 503, nobody new is taken, clients are asked to reconnect
   * within `withinMs` milliseconds (5000), each at a moment of its choice, to another instance; the
   * rest is closed after that. Resolves when nobody is left.
   */
  drain(withinMs?: number): Promise<void>;
  /** Closes every connection at once and stops all timers. Sessions can be resumed elsewhere. */
  close(): void;
}

/** How the routes behave; everything may be left out. */
export interface SignalingOptions {
  /** Limits that differ from `DEFAULT_LIMITS`. */
  limits?: Partial<SignalingLimits>;
  /**
   * Which web pages may connect: a list of origins (`https://app.example`), or a function. Without
   * it every page may. Programs that are not browsers send no Origin and are not held back: the
   * list keeps other people's pages out, not attackers with tools of their own.
   */
  origins?: Origins;
  /**
   * Which tokens open rooms. A client brings its token in the `Authorization` header, as WebSocket
   * subprotocol `sterna.token.<JWT>` beside `sterna`, or as `token` of its join. Without this
   * option rooms are open to everybody.
   */
  tokens?: TokenOptions;
  /** What roles may do, instead of `ROLES`. */
  roles?: RoleTable;
  /** Whether a join may make a room; true where it is absent. */
  createOnJoin?: boolean;
  /** Where rooms live: a store of several instances; in memory where it is absent. */
  store?: RoomStore;
  /** A clock for hosts that sleep; where it is absent, the host's timers are used. */
  clock?: SwitchboardClock;
  /** Names this instance towards others on the same store: 16 hexadecimal digits; random if absent. */
  instance?: string;
  /**
   * The header in which a proxy that you trust tells the client's address, such as `x-forwarded-for`
   * (its last entry counts) or `cf-connecting-ip`. Without it the address of the connection counts,
   * where the host tells it.
   */
  addressHeader?: string;
  /** TURN servers for which `GET /turn` makes credentials. */
  turn?: TurnOptions;
  /**
   * The handshake of the host's Hono adapter: from `hono/bun` in Bun, from `@hono/node-server` in
   * Node. Not needed in Deno and workerd.
   */
  upgradeWebSocket?: AdapterUpgrade;
}

const DRAIN_MS = 5000;

/**
 * Signaling as Hono routes. Each call is an instance; instances that share a store share their rooms.
 *
 * | route | |
 * |---|---|
 * | `GET /ws` | WebSockets that speak the protocol of `ClientMessage` and `ServerMessage` |
 * | `POST /events` | where WebSockets are blocked: the body is a join, the response a stream of events |
 * | `POST /messages` | and the way back: one message a line, `act` first |
 * | `POST /rooms`, `GET`, `DELETE /rooms/:room` | rooms, for holders of an admin grant |
 * | `GET /turn` | TURN credentials, where `turn` is configured |
 * | `GET /healthz`, `/readyz`, `/metrics` | for load balancers and Prometheus; keep them off the internet |
 * | `GET /openapi.json`, `/asyncapi.json` | these routes and messages for machines |
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
  const { limits, roles, instance, createOnJoin, tokens } = options;
  const verifier = tokens && new TokenVerifier(tokens);
  const board = new Switchboard({
    store: options.store ?? new MemoryStore(),
    verify: verifier && ((token) => verifier.verify(token)),
    needsToken: verifier !== undefined,
    ...(limits && { limits }),
    ...(roles && { roles }),
    clock: options.clock,
    ...(instance !== undefined && { instance }),
    ...(createOnJoin !== undefined && { createOnJoin }),
  });
  const { origins, addressHeader, turn } = options;
  const guard = new Guard({
    origins,
    addressHeader,
    verifier,
    allows: (address, price) => board.machine.allows(board.now(), address, price),
  });
  const app = new Hono();
  app.use("/ws", guard.cors);
  app.get("/ws", (context) => openSocket(context, board, guard, options.upgradeWebSocket));
  addFallbackRoutes(app, board, guard);
  addRoomRoutes(app, board, guard);
  if (turn !== undefined) addTurnRoute(app, turn, board, guard, verifier !== undefined);
  addStatusRoutes(app, board);
  const mountedAt = (context: Context): string => context.req.path.replace(/\/[^/]*$/, "");
  app.get("/openapi.json", (context) => {
    return context.json(openApi(mountedAt(context), turn !== undefined));
  });
  app.get("/asyncapi.json", (context) => context.json(asyncApi(mountedAt(context))));
  return Object.assign(app, {
    board,
    drain: (withinMs = DRAIN_MS) => board.drain(withinMs),
    close: () => board.close(),
  });
}

/** `GET /healthz`, `GET /readyz` and `GET /metrics`: for load balancers and operators. */
function addStatusRoutes(app: Hono, board: Switchboard): void {
  app.get("/healthz", (context) => {
    const { connections, rooms } = board.stats();
    return context.json({ status: "ok", version: PROTOCOL_VERSION, connections, rooms });
  });
  app.get("/readyz", (context) => {
    if (board.machine.isDraining) return refuse(context, "draining", "this instance goes down");
    return context.json({ status: "ok" });
  });
  app.get("/metrics", (context) => {
    context.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return context.body(metricsText(board.stats(), board.storeErrors));
  });
}

async function openSocket(
  context: Context,
  board: Switchboard,
  guard: Guard,
  adapter: AdapterUpgrade | undefined,
): Promise<Response> {
  if (context.req.header("upgrade")?.toLowerCase() !== "websocket") {
    context.header("upgrade", "websocket");
    return refuse(context, "upgrade-required", "this address speaks WebSocket");
  }
  const busy = board.machine.refusal(guard.address(context));
  if (busy !== undefined) return refuse(context, busy, "no further connections now");
  const admitted = await guard.admit(context);
  if (isRefused(admitted)) return refuse(context, admitted.code, admitted.message);
  return await upgrade(context, board.attach(admitted), adapter, subprotocolOf(context));
}
