/** A client over a real WebSocket that comes back by itself, and counts what it says and hears. */
import assert from "node:assert/strict";
import type { JoinedMessage, ServerMessage } from "../../src/signaling/mod.ts";

/** Longest wait for anything, milliseconds. */
const PATIENCE_MS = 30_000;

/** How a {@linkcode Member} behaves. */
export interface MemberOptions {
  /** Where to connect next. */
  url(): string;
  room: string;
  name?: string;
}

/** A message with its number. */
interface Numbered {
  readonly seq: number;
  readonly type: string;
}

/** One member of a room. */
export class Member {
  readonly #options: MemberOptions;
  #socket: WebSocket | undefined;
  #session: JoinedMessage | undefined;
  #position = 0;
  #outbox: Numbered[] = [];
  #closed: Promise<void> = Promise.resolve();
  #isOver = false;
  #watchers = new Set<() => void>();
  /** Numbers heard from each other member. */
  readonly heard: Map<string, number> = new Map();
  /** Offers by addressee, and by sender. */
  readonly offered: Map<string, number> = new Map();
  readonly offers: Map<string, number> = new Map();
  /** Everything but messages of the other members. */
  readonly told: ServerMessage[] = [];
  /** Codes of errors. */
  readonly errors: string[] = [];
  isIn = false;
  said = 0;
  #seq = 0;
  /** How often it came back. */
  resumed = 0;
  /** Longest time without a room, milliseconds. */
  longestGapMs = 0;
  #outAt = performance.now();

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Its id. */
  get self(): string {
    assert.ok(this.#session !== undefined, "joined");
    return this.#session.self;
  }

  /** What its join was answered with. */
  get joined(): JoinedMessage {
    assert.ok(this.#session !== undefined, "joined");
    return this.#session;
  }

  /** Said and not acknowledged. */
  get backlog(): number {
    return this.#outbox.length;
  }

  /** Says the next number to everybody. */
  say(): void {
    const data = ++this.said;
    this.#post({ type: "data", seq: ++this.#seq, data } as Numbered);
  }

  /** Sends the next offer to one other member. */
  offer(to: string): void {
    const count = (this.offered.get(to) ?? 0) + 1;
    this.offered.set(to, count);
    const sdp = `v=0\r\no=- ${count} 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n`;
    const description = { type: "offer", sdp };
    this.#post({ type: "description", seq: ++this.#seq, to, description } as Numbered);
  }

  /** The network breaks. */
  drop(): void {
    this.#socket?.close(4999);
  }

  /** Leaves for good; resolves when the socket is gone. */
  async leave(): Promise<void> {
    this.#isOver = true;
    this.#socket?.close(1000);
    await this.#closed;
  }

  /** Resolves when it holds. */
  async until(holds: () => boolean, what: string): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!holds()) {
      const left = end - performance.now();
      assert.ok(left > 0, `${this.#describe()}: ${what}, but not in time`);
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
        timer = setTimeout(wake, left);
      });
      clearTimeout(timer);
    }
  }

  #describe(): string {
    const { name = "a member" } = this.#options, { isIn, resumed, backlog } = this;
    const last = JSON.stringify(this.told.slice(-5));
    return `${name} (in: ${isIn}, resumed: ${resumed}, backlog: ${backlog}, told: ${last})`;
  }

  #wake(): void {
    for (const wake of [...this.#watchers]) wake();
  }

  #connect(): void {
    const url = new URL(this.#options.url());
    url.searchParams.set("room", this.#options.room);
    const socket = this.#socket = new WebSocket(url);
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket) this.#take(JSON.parse(String(data)));
    });
    let isGone = false;
    this.#closed = new Promise((resolve) => {
      const gone = (): void => {
        if (isGone) return;
        isGone = true;
        resolve();
        this.#gone();
      };
      socket.addEventListener("close", gone);
      socket.addEventListener("error", gone);
    });
  }

  #gone(): void {
    if (this.isIn) this.#outAt = performance.now();
    this.isIn = false;
    this.#wake();
    if (this.#isOver) return;
    // A server that was killed refuses connections at once: not too fast.
    setTimeout(() => this.#isOver ? undefined : this.#connect(), 20);
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #post(message: Numbered): void {
    this.#outbox.push(message);
    if (this.isIn) this.#send(message);
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#join();
        break;
      case "joined":
        this.#session = message;
        this.#position = message.position;
        this.#enter(message.ack);
        break;
      case "resumed":
        this.resumed++;
        this.#enter(message.ack);
        break;
      case "ack":
        this.#acknowledge(message.seq);
        break;
      case "ping":
        this.#acknowledge(message.ack);
        this.#send({ type: "pong" });
        break;
      case "data": {
        const before = this.heard.get(message.from) ?? this.#unheard(message.from);
        const number = before === undefined ? message.data as number : before + 1;
        assert.equal(message.data, number, "nothing is lost, doubled or out of order");
        this.heard.set(message.from, number);
        break;
      }
      case "description": {
        const count = (this.offers.get(message.from) ?? 0) + 1;
        assert.ok(message.description.sdp.includes(`o=- ${count} `), "offers come once, in order");
        this.offers.set(message.from, count);
        break;
      }
      case "error":
        this.errors.push(message.code);
    }
    if (message.type !== "data") this.told.push(message);
    if ("position" in message && !["resumed", "ack", "ping"].includes(message.type)) {
      this.#position = Math.max(this.#position, message.position ?? 0);
    }
    this.#wake();
  }

  /** Where somebody begins: at 1, if it came later; otherwise nobody knows. */
  #unheard(from: string): number | undefined {
    return this.joined.peers.some(({ id }) => id === from) ? undefined : 0;
  }

  #join(): void {
    const { room, name = "" } = this.#options, session = this.#session;
    const resume = session && {
      session: session.self,
      secret: session.secret,
      epoch: session.epoch,
      position: this.#position,
    };
    this.#send({ type: "join", version: 2, room, name, ...(resume && { resume }) });
  }

  #enter(ack: number): void {
    this.isIn = true;
    this.longestGapMs = Math.max(this.longestGapMs, performance.now() - this.#outAt);
    this.#acknowledge(ack);
    for (const message of this.#outbox) this.#send(message);
  }

  #acknowledge(ack: number): void {
    this.#outbox = this.#outbox.filter(({ seq }) => seq > ack);
  }
}
