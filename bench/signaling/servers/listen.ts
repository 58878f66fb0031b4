/** Serves a Hono application on a free loopback port in Deno, Bun and Node; says which. */
import type { Hono } from "hono";
import process from "node:process";

/** The WebSocket handshake as Hono's adapters offer it. */
export type Upgrade = typeof import("hono/bun").upgradeWebSocket;

interface Globals {
  Deno?: {
    serve(
      options: { hostname: string; port: number; onListen(address: { port: number }): void },
      handler: (request: Request, info: unknown) => Response | Promise<Response>,
    ): unknown;
  };
  Bun?: {
    serve(options: Record<string, unknown>): { port: number };
  };
}

const hostname = "127.0.0.1";

/** Tells the benchmark that the server is ready. */
export function announce(port: number): void {
  console.log(JSON.stringify({ port }));
}

/** Builds the application and serves it. */
export async function listen(build: (upgrade: Upgrade) => Hono): Promise<void> {
  const { Deno, Bun } = globalThis as unknown as Globals;
  if (Deno !== undefined) {
    const { upgradeWebSocket } = await import("hono/deno");
    const app = build(upgradeWebSocket as unknown as Upgrade);
    const onListen = ({ port }: { port: number }): void => announce(port);
    Deno.serve(
      { hostname, port: 0, onListen },
      (request, info) => app.fetch(request, info as object),
    );
    return;
  }
  if (Bun !== undefined) {
    const { upgradeWebSocket, websocket } = await import("hono/bun");
    const app = build(upgradeWebSocket);
    const fetch = (request: Request, server: unknown): Response | Promise<Response> =>
      app.fetch(request, { server });
    return announce(Bun.serve({ hostname, port: 0, fetch, websocket }).port);
  }
  // Node writes a profile when it exits by itself.
  process.once("SIGINT", () => process.exit());
  const { serve, upgradeWebSocket } = await import("@hono/node-server");
  const { WebSocketServer } = await import("ws");
  const { fetch } = build(upgradeWebSocket as unknown as Upgrade);
  const websocket = { server: new WebSocketServer({ noServer: true }) };
  const options = { fetch, hostname, port: 0, websocket };
  serve(options as Parameters<typeof serve>[0], ({ port }) => announce(port));
}
