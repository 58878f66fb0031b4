/** Serves a Hono application on a free loopback port of whatever runtime this is. */
import type { Hono } from "hono";
import type { AdapterUpgrade } from "../../src/signaling/mod.ts";

interface Globals {
  Deno?: {
    serve(
      options: { hostname: string; port: number; onListen(): void },
      handler: (request: Request) => Response | Promise<Response>,
    ): { addr: { port: number }; shutdown(): Promise<void> };
  };
  Bun?: {
    serve(options: {
      hostname: string;
      port: number;
      fetch: (request: Request, server: unknown) => Response | Promise<Response>;
      websocket: unknown;
    }): { port: number; stop(force: boolean): Promise<void> };
  };
}

/** A server that runs. */
export interface Server {
  readonly port: number;
  close(): Promise<void>;
}

/** Builds the application for this runtime and serves it. */
export async function serve(build: (adapter?: AdapterUpgrade) => Hono): Promise<Server> {
  const { Deno, Bun } = globalThis as unknown as Globals;
  const hostname = "127.0.0.1";
  if (Deno !== undefined) {
    const server = Deno.serve({ hostname, port: 0, onListen: () => {} }, build().fetch);
    return { port: server.addr.port, close: () => server.shutdown() };
  }
  if (Bun !== undefined) {
    const { upgradeWebSocket, websocket } = await import("hono/bun");
    const { fetch } = build(upgradeWebSocket as AdapterUpgrade);
    const handler = (request: Request, server: unknown): Response | Promise<Response> =>
      fetch(request, { server });
    const server = Bun.serve({ hostname, port: 0, fetch: handler, websocket });
    return { port: server.port, close: () => server.stop(true) };
  }
  return await serveNode(build);
}

async function serveNode(build: (adapter?: AdapterUpgrade) => Hono): Promise<Server> {
  const { serve, upgradeWebSocket } = await import("@hono/node-server");
  const { WebSocketServer } = await import("ws");
  const { fetch } = build(upgradeWebSocket as unknown as AdapterUpgrade);
  const sockets = new WebSocketServer({ noServer: true });
  return await new Promise((resolve) => {
    const options = { fetch, hostname: "127.0.0.1", port: 0, websocket: { server: sockets } };
    const server = serve(options as Parameters<typeof serve>[0], ({ port }) => {
      const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
      resolve({ port, close });
    });
  });
}

/** The WebSocket class of this runtime; Node 20 has none of its own. */
export async function webSocketClass(): Promise<typeof WebSocket> {
  if (typeof WebSocket !== "undefined") return WebSocket;
  const { WebSocket: Class } = await import("ws");
  return Class as unknown as typeof WebSocket;
}
