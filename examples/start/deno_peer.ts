/** The Deno process as a member of a room: it answers in chat, takes files and offers them back. */
import { joinRoom, type RoomPeer, type RoomSession } from "../../src/signaling/client.ts";
import { formatBytes, formatDuration, formatMs } from "./shared/format.ts";
import { Link } from "./shared/link.ts";
import { isOver, type Transfer } from "./shared/transfer.ts";
import type { Connection, ConnectionView, FileInfo } from "./shared/types.ts";
import { viewOf } from "./shared/view.ts";
import { MAX_STORED_BYTES, type Shelf } from "./shelf.ts";

/** How often the peer tells its visitors what it sees, milliseconds. */
const REPORT_MS = 1000;

/** What a Deno peer needs. */
export interface DenoPeerOptions {
  /** Address of the signaling WebSocket. */
  url: string;
  room: string;
  shelf: Shelf;
  createConnection(): Connection;
  /** The last visitor left. */
  onEmpty(): void;
  /** A line for the terminal. */
  log(line: string): void;
}

interface Visitor {
  readonly peer: RoomPeer<Connection>;
  readonly link: Link;
  readonly since: number;
  view: ConnectionView | undefined;
  pingMs: number | undefined;
  /** Files of the visitor that were seen, so that none is fetched twice. */
  readonly known: Set<string>;
  readonly wanted: FileInfo[];
  isFetching: boolean;
  /** Stores the file that is being fetched. */
  keep: () => void;
}

/** One room's Deno peer. */
export class DenoPeer {
  readonly #options: DenoPeerOptions;
  readonly #session: RoomSession<Connection>;
  readonly #visitors = new Map<RoomPeer<Connection>, Visitor>();
  readonly #startedAt = performance.now();
  #notes = 0;
  readonly #reportTimer: ReturnType<typeof setInterval>;

  /** Joins the room. */
  constructor(options: DenoPeerOptions) {
    this.#options = options;
    this.#reportTimer = setInterval(() => void this.#report(), REPORT_MS);
    this.#session = joinRoom<Connection>({
      url: options.url,
      room: options.room,
      name: "Deno",
      kind: "deno",
      createConnection: () => options.createConnection(),
      onPeer: (peer) => this.#welcome(peer),
      onPeerGone: (peer) => this.#dismiss(peer),
      onNegotiationError: (peer, error) => {
        options.log(`negotiation with ${nameOf(peer)} failed: ${error}`);
      },
    });
    this.#session.client.on("error", (error) => {
      options.log(`signaling: ${error.message} (${error.code})`);
    });
  }

  /** Whether nobody else is in the room. */
  get isAlone(): boolean {
    return this.#visitors.size === 0;
  }

  /** Leaves the room. */
  async close(): Promise<void> {
    clearInterval(this.#reportTimer);
    await this.#session.close();
  }

  #welcome(peer: RoomPeer<Connection>): void {
    const { shelf, room, log } = this.#options;
    const link = new Link({
      connection: peer.connection,
      isNewcomer: peer.isNewcomer,
      software: `Deno ${Deno.version.deno} with Sterna`,
      shelf: () => shelf.files(room),
      events: {
        onOpen: () => {
          log(`${nameOf(peer)} connected in room ${room}`);
          link.chat(
            "Hello! I am a Deno process, and this came over a WebRTC data channel. Try /help.",
          );
        },
        onClose: () => {},
        onHello: () => {},
        onChat: (text) => this.#answer(visitor, text.trim()),
        onShelf: (files) => this.#collect(visitor, files),
        onReport: () => {},
        onTransfer: (transfer) => {
          if (!isOver(transfer)) return;
          if (transfer.direction === "in") this.#finishFetch(visitor, transfer);
          const verb = transfer.direction === "in" ? "received" : "sent";
          const seconds = (transfer.endedAt - transfer.startedAt) / 1000;
          const rate = formatBytes(transfer.bytes / seconds);
          const outcome = transfer.state === "done" ? `${verb}, ${rate}/s` : transfer.error;
          log(
            `${JSON.stringify(transfer.file.name)} (${
              formatBytes(transfer.file.size)
            }): ${outcome}`,
          );
        },
        onPing: (rttMs) => visitor.pingMs = rttMs,
      },
    });
    const visitor: Visitor = {
      peer,
      link,
      since: performance.now(),
      view: undefined,
      pingMs: undefined,
      known: new Set(),
      wanted: [],
      isFetching: false,
      keep: () => {},
    };
    this.#visitors.set(peer, visitor);
  }

  #dismiss(peer: RoomPeer<Connection>): void {
    this.#visitors.get(peer)?.link.close();
    this.#visitors.delete(peer);
    this.#options.log(`${nameOf(peer)} left room ${this.#options.room}`);
    if (this.#visitors.size === 0) this.#options.onEmpty();
  }

  #answer(visitor: Visitor, text: string): void {
    const { link } = visitor;
    switch (text.split(/\s/, 1)[0]) {
      case "/help":
        return link.chat(
          "/time – what my clock says\n/stats – this connection as I see it\n" +
            "/peers – who is in the room\n/echo words – the words again\n" +
            "Files that you add come to me by themselves, and I offer them to everybody.",
        );
      case "/time":
        return link.chat(`It is ${new Date().toISOString()} here, up for ${this.#uptime()}.`);
      case "/stats":
        return link.chat(this.#stats(visitor));
      case "/peers": {
        const names = [...this.#visitors.keys()].map(nameOf);
        return link.chat(`Connected to ${names.length}: ${names.join(", ")}.`);
      }
      case "/echo":
        return link.chat(text.slice("/echo".length).trim() || "…");
      default:
        if (text.startsWith("/")) return link.chat(`I do not know ${text}. Try /help.`);
        // With other people in the room, only commands are meant for the machine.
        if (this.#visitors.size === 1) {
          const bytes = new TextEncoder().encode(text).length;
          link.chat(`“${text}” arrived: ${bytes} bytes, SCTP over DTLS over UDP.`);
        }
    }
  }

  #stats({ view, pingMs, since }: Visitor): string {
    if (view === undefined) return "No statistics yet; ask again in a second.";
    return [
      `connected for ${formatDuration(performance.now() - since)}`,
      `ICE ${view.ice}, DTLS ${view.dtls}, SCTP ${view.sctp}`,
      `my end ${view.local ?? "?"}`,
      `your end ${view.remote ?? "?"}`,
      `sent ${formatBytes(view.bytesSent)}, received ${formatBytes(view.bytesReceived)}`,
      pingMs === undefined ? "" : `message there and back ${formatMs(pingMs)}`,
    ].filter((line) => line !== "").join("\n");
  }

  #uptime(): string {
    return formatDuration(performance.now() - this.#startedAt);
  }

  /** Notes what a visitor offers that is new. */
  #collect(visitor: Visitor, files: FileInfo[]): void {
    for (const file of files) {
      if (visitor.known.has(file.id)) continue;
      visitor.known.add(file.id);
      if (file.size > MAX_STORED_BYTES) {
        const limit = formatBytes(MAX_STORED_BYTES);
        visitor.link.chat(`${file.name} is too large for me; I keep at most ${limit}.`);
      } else {
        visitor.wanted.push(file);
      }
    }
    this.#fetchNext(visitor);
  }

  /** One file of a visitor at a time: what it promises costs no memory before it comes. */
  #fetchNext(visitor: Visitor): void {
    if (visitor.isFetching) return;
    const file = visitor.wanted.shift();
    if (file === undefined) return;
    visitor.isFetching = true;
    const { sink, keep } = this.#options.shelf.receive(this.#options.room, file);
    visitor.keep = keep;
    visitor.link.fetch(file, sink);
  }

  #finishFetch(visitor: Visitor, transfer: Transfer): void {
    visitor.isFetching = false;
    if (transfer.state === "done") {
      visitor.keep();
      for (const { link } of this.#visitors.values()) link.sendShelf();
    }
    this.#fetchNext(visitor);
  }

  async #report(): Promise<void> {
    for (const visitor of this.#visitors.values()) {
      if (!visitor.link.isOpen) continue;
      visitor.view = await viewOf(visitor.peer.connection);
      visitor.link.sendReport(visitor.view);
    }
    // Something to be missed by whoever loses the server for a while.
    if (!this.isAlone && this.#session.client.status.state === "joined") {
      this.#session.client.send("all", { note: ++this.#notes });
    }
  }
}

function nameOf(peer: RoomPeer<Connection>): string {
  return peer.info.name || peer.info.id;
}
