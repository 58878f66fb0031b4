import type { Context } from "hono";
import type { ConnectOptions } from "../../connection.ts";
import { CLOSE_CODES } from "../../errors.ts";
import { subprotocolOf } from "../../guard.ts";
import { RoomState } from "../../room_state.ts";
import { signaling, type SignalingOptions, type SignalingRoutes } from "../../routes.ts";
import type { AdapterEvents, AdapterSocket, SocketPort } from "../../upgrade.ts";
import type { DurableState, HibernatingSocket } from "./durable_host.ts";
import { SleepingClock } from "./sleeping_clock.ts";
import { SqlStore, type StoredRoom } from "./sql_store.ts";

/** What the application decides; the object brings the rest. */
export type SignalingRoomOptions = Omit<
  SignalingOptions,
  "store" | "clock" | "instance" | "upgradeWebSocket"
>;

/** What a socket remembers while its object sleeps. */
interface Attachment {
  id: number;
  room: string;
  session: string;
  options: ConnectOptions;
  heardAt: number;
}

/** A socket and its handlers. */
interface Held {
  message(text: string | undefined): void;
  close(code?: number): void;
  connection(): number | undefined;
  attachment: Attachment | undefined;
}

/** Each ping wakes the object: seldom, but below the 100 s after which proxies cut silent sockets. */
const HEARTBEAT_MS = 50_000;
const IDLE_MS = 120_000;
/** When a socket was heard is kept as exactly as heartbeats need, milliseconds. */
const HEARD_STEP_MS = 1000;
const OPEN = 1;

/**
 * A room as a Durable Object: its log is the object's SQL storage, its WebSockets stay open while the
 * object sleeps, and alarms are its timers. Subclass it, name the class in `new_sqlite_classes` of
 * a migration, bind it, and mount {@linkcode durableSignaling} in the Worker.
 *
 * @example
 * ```ts
 * import { SignalingRoom, type SignalingRoomOptions } from "@sterna/webrtc/signaling/durable-objects";
 *
 * export class Room extends SignalingRoom<{ TOKEN_SECRET: string }> {
 *   protected override configure(): SignalingRoomOptions {
 *     return { origins: ["https://app.example"], limits: { roomMembers: 16 } };
 *   }
 * }
 * ```
 */
export class SignalingRoom<Env = unknown> {
  readonly #state: DurableState;
  readonly #clock: SleepingClock;
  readonly #store: SqlStore;
  readonly #routes: SignalingRoutes;
  readonly #held = new Map<HibernatingSocket, Held>();
  /** Those that are in no room yet, and would not survive a sleep. */
  readonly #strangers = new Set<HibernatingSocket>();

  /** Called by the host: at the first request, and whenever the object wakes up. */
  constructor(state: DurableState, env: Env) {
    this.#state = state;
    this.#clock = new SleepingClock(
      (timeMs) => void state.storage.setAlarm(timeMs),
      () => this.#remember(),
    );
    const store = this.#store = new SqlStore(state.storage.sql, () => this.#clock.now());
    const options = this.configure(env);
    this.#routes = signaling({
      addressHeader: "cf-connecting-ip",
      ...options,
      limits: { heartbeatMs: HEARTBEAT_MS, idleMs: IDLE_MS, ...options.limits },
      instance: state.id.toString().slice(0, 16),
      clock: this.#clock,
      upgradeWebSocket: (context, events) => this.#accept(context, events),
      // Here nobody else can die, and a room ends by its own rules.
      store: {
        open: (room, epoch, _ttlMs, follower) => store.open(room, epoch, Infinity, follower),
        keepAlive: () => [],
        close: () => store.close(),
      },
    });
    this.#wakeUp();
  }

  /** How this room behaves; the same for every object of a class. */
  protected configure(_env: Env): SignalingRoomOptions {
    return {};
  }

  /** Called by the host: a request that the Worker forwards. */
  async fetch(request: Request): Promise<Response> {
    return await this.#routes.fetch(request);
  }

  /** Called by the host: a deadline has come. */
  alarm(): void {
    this.#clock.rang();
    this.#routes.board.wake();
  }

  /** Called by the host: a message came. */
  webSocketMessage(socket: HibernatingSocket, data: string | ArrayBuffer): void {
    const held = this.#held.get(socket);
    if (held === undefined) return;
    const { attachment } = held, now = this.#clock.now();
    if (attachment !== undefined && now - attachment.heardAt >= HEARD_STEP_MS) {
      attachment.heardAt = now;
      socket.serializeAttachment(attachment);
    }
    held.message(typeof data === "string" ? data : undefined);
  }

  /** Called by the host: a socket has been closed. */
  webSocketClose(socket: HibernatingSocket, code?: number): void {
    this.#lose(socket, code);
    try {
      // Answers the closing handshake, where the host does not.
      socket.close(1000);
    } catch {
      // It does.
    }
  }

  /** Called by the host: a socket broke. */
  webSocketError(socket: HibernatingSocket): void {
    this.#lose(socket, undefined);
  }

  #lose(socket: HibernatingSocket, code: number | undefined): void {
    const held = this.#held.get(socket);
    this.#held.delete(socket);
    this.#strangers.delete(socket);
    held?.close(code);
  }

  #accept(context: Context, events: AdapterEvents): Promise<Response> {
    const { WebSocketPair } = globalThis as unknown as {
      WebSocketPair: new () => { 0: unknown; 1: HibernatingSocket };
    };
    const { 0: client, 1: socket } = new WebSocketPair();
    this.#state.acceptWebSocket(socket);
    const face: AdapterSocket = socket;
    this.#held.set(socket, {
      message: (data) => events.onMessage({ data }, face),
      close: (code) => events.onClose(code === undefined ? {} : { code }),
      connection: () => events.connection(),
      attachment: undefined,
    });
    this.#strangers.add(socket);
    events.onOpen({}, face);
    const protocol = subprotocolOf(context);
    const headers: HeadersInit = protocol === undefined
      ? {}
      : { "sec-websocket-protocol": protocol };
    const init = { status: 101, webSocket: client, headers };
    return Promise.resolve(new Response(null, init as ResponseInit));
  }

  /** After each step: who has come in is written down. */
  #remember(): void {
    for (const socket of this.#strangers) {
      const held = this.#held.get(socket), id = held?.connection();
      const place = id === undefined ? undefined : this.#routes.board.machine.placeOf(id);
      if (held === undefined || id === undefined || place === undefined) continue;
      this.#strangers.delete(socket);
      held.attachment = { id, ...place, heardAt: this.#clock.now() };
      socket.serializeAttachment(held.attachment);
    }
  }

  /** Takes up what the object was doing when it fell asleep, or was moved, or died. */
  #wakeUp(): void {
    const { board } = this.#routes;
    const awake: [HibernatingSocket, Attachment][] = [];
    for (const socket of this.#state.getWebSockets()) {
      const attachment = socket.deserializeAttachment() as Attachment | null;
      if (socket.readyState !== OPEN) continue;
      if (attachment !== null) awake.push([socket, attachment]);
      else socket.close(CLOSE_CODES["try-again"], "try-again");
    }
    for (const stored of this.#store.rooms()) {
      const toldAt = this.#dropLost(stored, awake.map(([, attachment]) => attachment));
      // Following begins as of then: sessions that wait have waited since.
      const request = { type: "inspect", room: stored.room } as const;
      this.#clock.at(toldAt, () => void board.exchange({ request }, {}));
    }
    // Heartbeats are kept in the order in which they are due.
    awake.sort(([, a], [, b]) => a.heardAt - b.heardAt);
    for (const [socket, attachment] of awake) {
      this.#clock.at(attachment.heardAt, () => this.#adopt(socket, attachment));
    }
    board.step();
  }

  /** Sessions whose sockets did not survive have dropped. Returns when the room last changed. */
  #dropLost(stored: StoredRoom, awake: readonly Attachment[]): number {
    const state = new RoomState(stored.snapshot);
    for (const entry of stored.entries) state.apply(entry, () => {});
    const held = new Set<string>();
    for (const { id, room, session } of awake) {
      if (room === stored.room) held.add(`${session} ${id}`);
    }
    const lost = [...state.sessions()].filter(({ id, droppedAt, holder }) =>
      droppedAt === 0 && !held.has(`${id} ${holder.connection}`)
    );
    if (lost.length === 0) return stored.toldAt;
    this.#store.append(
      stored.room,
      lost.map(({ id, holder }) => ({ kind: "drop", session: id, holder })),
    );
    return this.#clock.now();
  }

  #adopt(socket: HibernatingSocket, attachment: Attachment): void {
    const { id, room, session, options } = attachment;
    const port: SocketPort = {
      send: (text) => {
        socket.send(text);
        return true;
      },
      close: (code, reason) => socket.close(code, reason),
      bufferedAmount: () => 0,
    };
    const handlers = this.#routes.board.adopt(id, { room, session }, port, options);
    this.#held.set(socket, {
      message: (text) => handlers.message(text),
      close: (code) => handlers.close(code),
      connection: () => id,
      attachment,
    });
  }
}
