/** The start page's server: signaling, the page, and a Deno peer in every room that somebody opens. */
import { build, stop } from "esbuild";
import { type Context, Hono } from "hono";
import { isRoomName, signaling } from "../../src/signaling/mod.ts";
import { DenoPeer } from "./deno_peer.ts";
import type { Connection } from "./shared/types.ts";
import { Shelf } from "./shelf.ts";

/** Rooms with a Deno peer at once: each holds a socket and a timer. */
const MAX_PEERS = 32;
/** A room's Deno peer leaves this long after the last visitor, milliseconds. */
const LINGER_MS = 60_000;

/** The page loads nothing from elsewhere, and the browser is told so. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; base-uri 'none'; " +
    "form-action 'self'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

/** How to serve. */
export interface StartOptions {
  hostname: string;
  /** 0 takes any free port. */
  port: number;
  /** The room of the printed address. */
  room: string;
  /** Makes the Deno peer's connections; without it there is no Deno peer. */
  createConnection?: () => Connection;
  /** A line for the terminal. */
  log(line: string): void;
}

/** A server that runs. */
export interface StartServer {
  readonly hostname: string;
  readonly port: number;
  /** Lets the Deno peers leave and stops serving. */
  close(): Promise<void>;
}

/** Bundles the page, serves it and lets the Deno peer in. */
export async function start(options: StartOptions): Promise<StartServer> {
  const [script, style, html, icon] = await Promise.all([
    bundle(),
    text("page/style.css"),
    text("page/index.html"),
    text("page/icon.svg"),
  ]);
  const app = new Hono();
  const peers = new Peers(options);
  const rooms = signaling();
  app.use(async (context, next) => {
    await next();
    // The answer to a WebSocket handshake is not a page.
    if (context.res.status === 101) return;
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
  });
  app.route("/rtc", rooms);
  app.get("/", (context) => {
    const room = context.req.query("room");
    if (room === undefined) return context.redirect(`/?room=${options.room}`);
    if (!isRoomName(room)) {
      return context.text("A room's name is 1 to 64 letters, digits or . _ ~ -", 400);
    }
    peers.invite(room);
    return context.html(html);
  });
  const file = (body: string, type: string) => (context: Context): Response =>
    context.body(body, 200, { "content-type": `${type}; charset=utf-8` });
  app.get("/app.js", file(script, "text/javascript"));
  app.get("/style.css", file(style, "text/css"));
  app.get("/icon.svg", file(icon, "image/svg+xml"));

  const server = Deno.serve(
    { hostname: options.hostname, port: options.port, onListen: () => {} },
    app.fetch,
  );
  const { hostname, port } = server.addr;
  const local = hostname === "0.0.0.0" || hostname === "::" ? "127.0.0.1" : hostname;
  peers.open(`http://${local.includes(":") ? `[${local}]` : local}:${port}/rtc`);
  return {
    hostname,
    port,
    close: async () => {
      await peers.close();
      rooms.close();
      await server.shutdown();
    },
  };
}

/** The Deno peers, by room. They come when a page is opened and go when they are alone. */
class Peers {
  readonly #options: StartOptions;
  readonly #peers = new Map<string, DenoPeer>();
  readonly #leaving = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #shelf = new Shelf();
  #url = "";

  constructor(options: StartOptions) {
    this.#options = options;
  }

  open(url: string): void {
    this.#url = url;
    this.invite(this.#options.room);
  }

  invite(room: string): void {
    const { createConnection, log } = this.#options;
    clearTimeout(this.#leaving.get(room));
    this.#leaving.delete(room);
    if (createConnection === undefined) return;
    if (!this.#peers.has(room)) {
      if (this.#peers.size >= MAX_PEERS) return log(`too many rooms: no Deno peer in ${room}`);
      const onEmpty = (): void => this.#linger(room);
      const url = this.#url, shelf = this.#shelf;
      this.#peers.set(room, new DenoPeer({ url, room, shelf, createConnection, onEmpty, log }));
    }
    // The page that was asked for may never come.
    this.#linger(room);
  }

  async close(): Promise<void> {
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    const leaving = [...this.#peers.values()].map((peer) => peer.close());
    this.#leaving.clear();
    this.#peers.clear();
    await Promise.all(leaving);
  }

  #linger(room: string): void {
    if (room === this.#options.room) return;
    clearTimeout(this.#leaving.get(room));
    const timer = setTimeout(() => {
      const peer = this.#peers.get(room);
      if (peer === undefined) return;
      if (!peer.isAlone) return this.#linger(room);
      this.#leaving.delete(room);
      this.#peers.delete(room);
      this.#shelf.forget(room);
      void peer.close();
    }, LINGER_MS);
    this.#leaving.set(room, timer);
  }
}

/** The page's modules as one script. */
async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [new URL("page/main.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    logLevel: "silent",
  });
  await stop();
  return result.outputFiles[0]!.text;
}

async function text(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, import.meta.url));
}
