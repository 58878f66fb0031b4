/**
 * A member of a call that counts: it sends numbers to the others, the same over data channels and by way
 * of the server, and checks theirs. In pages and in Deno; stage by stage, together with the others.
 */
import {
  joinRoom,
  type PeerConnectionLike,
  type RoomSession,
} from "../../../src/signaling/client.ts";

/** Milliseconds between two numbers: below the messages that servers take by default. */
const TICK_MS = 40;
/** Numbers to hear from everybody, both ways, before the call counts as one. */
const WARM_UP = 5;
/** Numbers to say after everything is as before. */
const ENCORE = 10;

/** Where the members wait for each other. */
export type Stage = "seen" | "connected" | "talking" | "back" | "done";

/** What a member found. */
export interface CallReport {
  /** How long it was without the server, each time, milliseconds. */
  readonly awayMs: readonly number[];
  /** Numbers that it heard over data channels meanwhile. */
  readonly heardMeanwhile: number;
  /** Data channels that were open when it lost the server. */
  readonly openAtLoss: number;
  /** Numbers that it heard, by way and member. */
  readonly heard: Readonly<Record<string, number>>;
}

/** What a member says when it has come to a stage. */
export interface Arrival {
  /** Numbers said. */
  readonly said?: number;
  readonly report?: CallReport;
}

/** What all are told when the last has come to a stage. */
export interface Release {
  /** Who has lost the server, and is to find it again. */
  readonly resumes?: readonly string[];
  /** The numbers said, by member. */
  readonly said?: Readonly<Record<string, number>>;
}

interface Channel {
  send(text: string): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
}

interface Connection extends PeerConnectionLike {
  createDataChannel(label: string): Channel;
}

/** What a member needs. */
export interface CallerOptions {
  readonly url: string;
  readonly name: string;
  readonly others: readonly string[];
  createConnection(): Connection;
  /** Resolves when everybody has come. */
  arrive(stage: Stage, arrival: Arrival): Promise<Release>;
}

/** A member. */
export class Caller {
  readonly #options: CallerOptions;
  readonly #session: RoomSession<Connection>;
  readonly #channels = new Map<string, Channel>();
  /** The last number, by way and member. */
  readonly #heard = new Map<string, number>();
  readonly #awayMs: number[] = [];
  /** What starts the negotiations. */
  readonly #starts: (() => void)[] = [];
  readonly #broken = Promise.withResolvers<never>();
  #outAt: number | undefined;
  #heardMeanwhile = 0;
  #openAtLoss = 0;
  #said = 0;
  #proceed: () => void = () => {};

  /** Joins. */
  constructor(options: CallerOptions) {
    const { url, name, createConnection } = this.#options = options;
    this.#broken.promise.catch(() => {});
    this.#session = joinRoom<Connection>({
      ...{ url, room: "r", name, createConnection },
      onPeer: ({ connection, isNewcomer, info }) => {
        if (isNewcomer) {
          this.#starts.push(() => {
            this.#use(info.name, connection.createDataChannel("numbers"));
          });
        }
        connection.addEventListener("datachannel", (event) => {
          this.#use(info.name, (event as Event & { channel: Channel }).channel);
        });
        queueMicrotask(() => this.#proceed());
      },
      onPeerGone: ({ info }) => this.#break(`${info.name} is gone`),
      onNegotiationError: ({ info }, error) => this.#break(`with ${info.name}: ${error}`),
    });
    this.#listen();
  }

  /** Goes through the stages; rejects when anything is lost, doubled or closed. */
  async run(): Promise<void> {
    const { name, others, arrive } = this.#options;
    await this.#until(() => this.#session.peers.size === others.length);
    const atFirst = await arrive("seen", {});
    for (const start of this.#starts) start();
    await this.#until(() => this.#channels.size === others.length);
    await arrive("connected", {});
    const timer = setInterval(() => this.#say(), TICK_MS);
    try {
      await this.#until(() => this.#hasHeard(() => WARM_UP));
      const { resumes = atFirst.resumes ?? [] } = await arrive("talking", {});
      await this.#until(() => !resumes.includes(name) || this.#awayMs.length > 0);
      const last = this.#said + ENCORE;
      await this.#until(() => this.#said >= last);
    } finally {
      clearInterval(timer);
    }
    const { said = {} } = await arrive("back", { said: this.#said });
    await this.#until(() => this.#hasHeard((other) => said[other] ?? 0));
    const heard = Object.fromEntries(this.#heard);
    const awayMs = this.#awayMs, heardMeanwhile = this.#heardMeanwhile;
    const report = { awayMs, heardMeanwhile, openAtLoss: this.#openAtLoss, heard };
    await arrive("done", { report });
  }

  /** Leaves. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  #listen(): void {
    const { client } = this.#session;
    client.on("message", ({ data }) => this.#hear("server", String(data)));
    client.on("lost", (lost) => this.#break(`${lost.length} messages are lost`));
    client.on("refused", ({ error }) => this.#break(`refused: ${error}`));
    let joins = 0;
    client.on("joined", () => {
      if (++joins > 1) this.#break("had to join anew");
    });
    client.on("state", ({ state }) => {
      if (joins === 0 || state === "joined" || this.#outAt !== undefined) return;
      this.#outAt = performance.now();
      this.#openAtLoss = this.#channels.size;
    });
    client.on("resumed", () => {
      this.#awayMs.push(performance.now() - (this.#outAt ?? NaN));
      this.#outAt = undefined;
      this.#proceed();
    });
  }

  #use(other: string, channel: Channel): void {
    channel.addEventListener("open", () => {
      this.#channels.set(other, channel);
      this.#proceed();
    });
    channel.addEventListener("close", () => this.#break(`the channel with ${other} closed`));
    channel.addEventListener("message", (event) => {
      if (this.#outAt !== undefined) this.#heardMeanwhile++;
      this.#hear("channel", String((event as MessageEvent<unknown>).data));
    });
  }

  #say(): void {
    const text = `${this.#options.name} ${++this.#said}`;
    this.#session.client.send("all", text);
    for (const channel of this.#channels.values()) channel.send(text);
    this.#proceed();
  }

  #hear(way: string, text: string): void {
    const [from, number] = text.split(" "), key = `${way} ${from}`;
    const expected = (this.#heard.get(key) ?? 0) + 1;
    if (Number(number) !== expected) this.#break(`${way}: ${text} came, not ${expected}`);
    this.#heard.set(key, expected);
    this.#proceed();
  }

  #hasHeard(numbers: (other: string) => number): boolean {
    return this.#options.others.every((other) =>
      ["channel", "server"].every((way) =>
        (this.#heard.get(`${way} ${other}`) ?? 0) >= numbers(other)
      )
    );
  }

  #break(reason: string): void {
    this.#broken.reject(new Error(`${this.#options.name}: ${reason}`));
  }

  async #until(holds: () => boolean): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      this.#proceed = () => {
        if (holds()) resolve();
      };
    });
    this.#proceed();
    await Promise.race([reached, this.#broken.promise]);
  }
}
