/**
 * The WebSocket handshake on the host at hand, with nothing imported that only one host has. Deno
 * and workerd are recognized by what they offer; elsewhere the application passes the
 * `upgradeWebSocket` of its Hono adapter.
 */
import type { Context } from "hono";
import { BunPort, type BunSocket } from "./bun_port.ts";
import { type CorkedStream, Corker } from "./corker.ts";
import { DenoPort } from "./deno_port.ts";

/** A socket as the adapters of Hono hand it over (`WSContext` of `hono/ws`). */
export interface AdapterSocket {
  /** The socket of the host. */
  readonly raw?: unknown;
  /** Queues a text message. */
  send(text: string): void;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
}

/** What the adapters of Hono report (`WSEvents` of `hono/ws`). */
export interface AdapterEvents {
  /** The handshake is complete. */
  onOpen(event: unknown, socket: AdapterSocket): void;
  /** A message came. */
  onMessage(event: { readonly data: unknown }, socket: AdapterSocket): void;
  /** The socket closed. */
  onClose(event?: { readonly code?: number }): void;
  /** The socket failed. */
  onError(): void;
  /** The number of the connection at the machine, once it is open; for adapters that keep sockets. */
  connection(): number | undefined;
}

/** `upgradeWebSocket` of a Hono adapter, called with the request's Hono context. */
export type AdapterUpgrade = (context: never, events: AdapterEvents) => Promise<Response>;

/** An open WebSocket as the routes use it. */
export interface SocketPort {
  /**
   * Queues a text message that stands at `position` of the room's log, or nowhere (0). Returns `false`
   * when the host dropped it.
   */
  send(text: string, position: number): boolean;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Bytes that wait to be sent; 0 where the host does not tell. */
  bufferedAmount(): number;
}

/** What the routes do when a WebSocket has news. */
export interface SocketHandlers {
  /** The number of the connection at the machine, once it is open. */
  readonly connection?: number | undefined;
  /** The handshake is complete. Called before any other. */
  open(port: SocketPort): void;
  /** A message: its text, or `undefined` for a binary one. */
  message(text: string | undefined): void;
  /** The socket is gone, after `open` or instead of it; `code` is that of the close frame. */
  close(code?: number): void;
}

interface HostEvent {
  readonly data?: unknown;
  readonly code?: number;
}

/** The events and members of WebSocket that Deno and workerd share. */
interface HostSocket {
  readonly bufferedAmount?: number;
  addEventListener(type: string, listener: (event: HostEvent) => void): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  accept?(): void;
}

interface Hosts {
  Deno?: {
    upgradeWebSocket?(
      request: Request,
      options: { protocol?: string; idleTimeout: number },
    ): { socket: HostSocket; response: Response };
  };
  WebSocketPair?: new () => { 0: HostSocket; 1: HostSocket };
}

/** Answers a WebSocket handshake and connects `handlers` to the socket. */
export async function upgrade(
  context: Context,
  handlers: SocketHandlers,
  adapter: AdapterUpgrade | undefined,
  protocol: string | undefined,
): Promise<Response> {
  if (adapter !== undefined) return await upgradeByAdapter(context, handlers, adapter);
  const hosts = globalThis as Hosts;
  if (hosts.Deno?.upgradeWebSocket !== undefined) {
    const { socket, response } = hosts.Deno.upgradeWebSocket(context.req.raw, {
      ...(protocol !== undefined && { protocol }),
      // The room machine has heartbeats of its own.
      idleTimeout: 0,
    });
    listen(socket, handlers);
    socket.addEventListener("open", () => handlers.open(new DenoPort(socket)));
    return response;
  }
  if (hosts.WebSocketPair !== undefined) {
    const pair = new hosts.WebSocketPair();
    const server = pair[1];
    listen(server, handlers);
    server.accept?.();
    handlers.open(portOf(server));
    const headers = protocol === undefined ? {} : { "sec-websocket-protocol": protocol };
    return new Response(null, { status: 101, webSocket: pair[0], headers } as ResponseInit);
  }
  throw new TypeError(
    "pass upgradeWebSocket of your Hono adapter: signaling({ upgradeWebSocket }), " +
      'from "hono/bun" in Bun or "@hono/node-server" in Node',
  );
}

function listen(socket: HostSocket, handlers: SocketHandlers): void {
  socket.addEventListener("message", ({ data }) => handlers.message(textOf(data)));
  socket.addEventListener("close", ({ code }) => handlers.close(code));
  socket.addEventListener("error", () => handlers.close());
}

function portOf(socket: HostSocket): SocketPort {
  return {
    send: (text) => {
      socket.send(text);
      return true;
    },
    close: (code, reason) => socket.close(code, reason),
    bufferedAmount: () => socket.bufferedAmount ?? 0,
  };
}

async function upgradeByAdapter(
  context: Context,
  handlers: SocketHandlers,
  adapter: AdapterUpgrade,
): Promise<Response> {
  // Not every adapter announces the opening; all of them hand over the socket with the first event.
  let opened = false;
  const corker = corkerOf(context);
  const open = (ws: AdapterSocket): void => {
    if (opened) return;
    opened = true;
    handlers.open(
      bunPortOf(ws) ?? {
        send: (text) => {
          corker?.cork();
          ws.send(text);
          return true;
        },
        close: (code, reason) => ws.close(code, reason),
        bufferedAmount: () => (ws.raw as HostSocket | undefined)?.bufferedAmount ?? 0,
      },
    );
  };
  return await adapter(context as never, {
    onOpen: (_event, ws) => open(ws),
    onMessage: (event, ws) => {
      open(ws);
      handlers.message(textOf(event.data));
    },
    onClose: (event) => handlers.close(event?.code),
    onError: () => handlers.close(),
    connection: () => handlers.connection,
  });
}

/** Node: the stream below the WebSocket, as `@hono/node-server` hands it over. */
function corkerOf(context: Context): Corker | undefined {
  const env = context.env as { incoming?: { socket?: Partial<CorkedStream> } } | undefined;
  const stream = env?.incoming?.socket;
  return stream?.cork && stream.uncork ? new Corker(stream as CorkedStream) : undefined;
}

/** Bun's sockets are the only ones that say `getBufferedAmount()`; `ws` (Node) is like the web. */
function bunPortOf(ws: AdapterSocket): SocketPort | undefined {
  const raw = ws.raw as Partial<BunSocket> | undefined;
  return raw?.getBufferedAmount && raw.cork ? new BunPort(raw as BunSocket) : undefined;
}

function textOf(data: unknown): string | undefined {
  return typeof data === "string" ? data : undefined;
}
