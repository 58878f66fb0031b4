import assert from "node:assert/strict";
import { seededEntropy } from "../../src/base/mod.ts";
import {
  type ConnectOptions,
  type Identity,
  type JoinedMessage,
  MemoryStore,
  type PeerInfo,
  type Refusal,
  type RoomAction,
  type RoomLog,
  RoomMachine,
  type RoomMachineOptions,
  type ServerMessage,
  type SignalingLimits,
} from "../../src/signaling/mod.ts";

/** One machine on virtual time and a store in memory, with everything it said, by connection. */
export class Bench {
  readonly machine: RoomMachine;
  readonly store: MemoryStore;
  readonly inbox: Map<number, ServerMessage[]> = new Map();
  readonly closed: Map<number, { code: number; reason: string }> = new Map();
  readonly logs: Map<number, RoomLog> = new Map();
  /** What tokens stand for. */
  readonly tokens: Map<string, Identity | Refusal> = new Map();
  /** Whether the machine is dead: nothing goes in or out any more. */
  isDead = false;
  #isAtWork = false;
  readonly #clock: { now: number };

  constructor(
    limits: Partial<SignalingLimits> = {},
    options:
      & { seed?: number; store?: MemoryStore; clock?: { now: number } }
      & Partial<
        RoomMachineOptions
      > = {},
  ) {
    const { seed = 1, store, clock, ...rest } = options;
    this.#clock = clock ?? { now: 0 };
    this.store = store ?? new MemoryStore(() => this.#clock.now);
    this.machine = new RoomMachine({ entropy: seededEntropy(seed), limits, ...rest });
  }

  get now(): number {
    return this.#clock.now;
  }

  set now(value: number) {
    this.#clock.now = value;
  }

  connect(options: ConnectOptions = {}): number {
    const id = this.machine.connect(this.now, options);
    assert.ok(typeof id === "number", String(id));
    this.drain();
    return id;
  }

  send(id: number, message: unknown): void {
    this.sendText(id, JSON.stringify(message));
  }

  sendText(id: number, text: string | undefined): void {
    this.machine.handleMessage(this.now, id, text);
    this.drain();
  }

  disconnect(id: number, isLeaving = false): void {
    this.machine.handleDisconnect(this.now, id, isLeaving);
    this.drain();
  }

  /** Connects and joins; returns the connection and what the answer said. */
  join(room = "r", name = "", options: ConnectOptions = {}): Joined {
    const id = this.connect(options);
    this.send(id, { type: "join", version: 2, room, name });
    const joined = this.last(id);
    assert.ok(joined?.type === "joined", JSON.stringify(joined));
    return { id, self: joined.self, peers: joined.peers, joined };
  }

  /** Connects and resumes; returns the connection and everything it was told after the welcome. */
  resume(
    joined: JoinedMessage,
    position: number,
    room = "r",
  ): { id: number; told: ServerMessage[] } {
    const id = this.connect();
    const { self: session, secret, epoch } = joined;
    this.send(id, {
      type: "join",
      version: 2,
      room,
      resume: { session, secret, epoch, position },
    });
    return { id, told: this.take(id).slice(1) };
  }

  /** Lets time pass, stopping at every deadline. */
  advance(ms: number): void {
    const end = this.now + ms;
    let last = -1;
    for (let at = this.machine.pollTimeout(); at <= end; at = this.machine.pollTimeout()) {
      assert.ok(at > last, "a deadline that has passed was not cleared");
      last = at;
      // Another machine on the same clock may have moved it past the deadline.
      this.now = Math.max(this.now, at);
      this.timeout();
    }
    this.now = end;
  }

  timeout(): void {
    this.machine.handleTimeout(this.now);
    this.drain();
  }

  take(id: number): ServerMessage[] {
    const messages = this.inbox.get(id) ?? [];
    this.inbox.delete(id);
    return messages;
  }

  last(id: number): ServerMessage | undefined {
    return this.take(id).at(-1);
  }

  drain(): void {
    if (this.#isAtWork || this.isDead) return;
    this.#isAtWork = true;
    for (let action = this.machine.pollAction(); action; action = this.machine.pollAction()) {
      this.#perform(action);
    }
    this.#isAtWork = false;
  }

  #perform(action: RoomAction): void {
    const { machine, now } = this;
    switch (action.type) {
      case "close":
        this.closed.set(action.connection, action);
        return;
      case "send": {
        const messages = this.inbox.get(action.connection) ?? [];
        messages.push(JSON.parse(action.text) as ServerMessage);
        this.inbox.set(action.connection, messages);
        return;
      }
      case "verify":
        return machine.handleVerified(
          now,
          action.connection,
          this.tokens.get(action.token) ?? { code: "unauthorized", message: "unknown token" },
        );
      case "open": {
        const { room } = action;
        const log = this.store.open(action.name, action.epoch, action.ttlMs, {
          entries: (first, entries) => {
            if (this.isDead) return;
            machine.handleEntries(this.now, room, first, JSON.parse(JSON.stringify(entries)));
            this.drain();
          },
          lost: () => {
            if (this.isDead) return;
            machine.handleLost(this.now, room);
            this.drain();
          },
        });
        if (log !== undefined) this.logs.set(room, log);
        return machine.handleOpened(now, room, log);
      }
      case "append":
        try {
          this.logs.get(action.room)?.append([action.entry]);
        } catch {
          machine.handleLost(now, action.room);
        }
        return;
      case "trim":
        this.logs.get(action.room)?.trim(JSON.parse(JSON.stringify(action.snapshot)));
        return;
      case "unfollow":
        this.logs.get(action.room)?.unfollow();
        this.logs.delete(action.room);
        return;
      case "remove":
        this.logs.get(action.room)?.remove();
        this.logs.delete(action.room);
        return machine.handleRemoved(now, action.room);
      case "keepAlive":
        return machine.handleDead(now, this.store.keepAlive(action.beat));
    }
  }
}

/** A member and its connection. */
export interface Joined {
  id: number;
  self: string;
  peers: PeerInfo[];
  joined: JoinedMessage;
}

/** The code of the last error that `messages` hold. */
export function errorCode(messages: readonly ServerMessage[]): string | undefined {
  const error = messages.findLast(({ type }) => type === "error");
  return error?.type === "error" ? error.code : undefined;
}

/** A description that passes the checks. */
export const OFFER = {
  type: "offer",
  sdp: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
} as const;

/** A member as others see it. */
export function peer(id: string, fields: Partial<PeerInfo> = {}): PeerInfo {
  return { id, user: "", roles: ["publisher"], name: "", kind: "", connected: true, ...fields };
}

/** A message without its place in the log. */
export function placeless(message: ServerMessage | undefined): unknown {
  const { position: _, ...rest } = message as { position?: number };
  return rest;
}
