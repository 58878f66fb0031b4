/**
 * JetStream's requests as JSON (NATS documentation, "JetStream wire API"): the few that a log needs, so
 * that no client library for JetStream has to be loaded.
 */
import { SignalingError } from "../../errors.ts";
import type { NatsClient, NatsSubscription } from "./nats_client.ts";

/** A stream answers within this time or counts as away, milliseconds. */
const TIMEOUT_MS = 5000;
/** Consumers send a sign of life when there is nothing to send, milliseconds. */
export const HEARTBEAT_MS = 5000;
/** "stream not found". */
const NO_STREAM = 10059;

/** A message of a stream. */
export interface Stored {
  /** Its subject. */
  readonly subject: string;
  /** Its number in the stream. */
  readonly seq: number;
  /** When the server took it, milliseconds since 1970. */
  readonly timeMs: number;
  /** Its payload, parsed. */
  readonly value: unknown;
}

/** Receives messages of a consumer. */
export interface ConsumerListener {
  /** A message: its number in the stream, and its payload, parsed. */
  message(seq: number, value: unknown): void;
  /** The consumer lives. */
  heard(): void;
  /** Messages are missing. */
  gap(): void;
}

/** A consumer that pushes. */
export interface Consumer {
  /** Ends it. */
  stop(): void;
}

interface Answer {
  readonly error?: { readonly code: number; readonly err_code?: number; description?: string };
}

/** The streams of one connection. */
export class JetStream {
  readonly #client: NatsClient;
  readonly #decoder = new TextDecoder();

  /** @param client an open connection */
  constructor(client: NatsClient) {
    this.#client = client;
  }

  /** Makes a stream unless it is there; how it is set up is then its maker's matter. */
  async ensureStream(name: string, config: Readonly<Record<string, unknown>>): Promise<void> {
    const info = await this.#ask(`STREAM.INFO.${name}`, {});
    if (info.error === undefined) return;
    if (info.error.err_code !== NO_STREAM) throw failure(info);
    const made = await this.#ask(`STREAM.CREATE.${name}`, { name, ...config });
    if (made.error === undefined) return;
    // Another instance may have been faster.
    if ((await this.#ask(`STREAM.INFO.${name}`, {})).error !== undefined) throw failure(made);
  }

  /** Stores a message and returns its number. */
  async publish(subject: string, payload: string): Promise<number> {
    const answer = this.#parse(await this.#request(subject, payload)) as Answer & { seq?: number };
    if (answer.error !== undefined || answer.seq === undefined) throw failure(answer);
    return answer.seq;
  }

  /** The latest message of a subject. */
  last(stream: string, subject: string): Promise<Stored | undefined> {
    return this.#get(stream, { last_by_subj: subject });
  }

  /** The first message of matching subjects from number `seq` on. */
  next(stream: string, seq: number, subject: string): Promise<Stored | undefined> {
    return this.#get(stream, { seq, next_by_subj: subject });
  }

  /** Deletes one message. Returns whether it was still there. */
  async delete(stream: string, seq: number): Promise<boolean> {
    const answer = await this.#ask(`STREAM.MSG.DELETE.${stream}`, { seq, no_erase: true });
    return answer.error === undefined;
  }

  /** Forgets messages of a subject up to number `seq`, exclusive. */
  async purge(stream: string, subject: string, seq: number): Promise<void> {
    const answer = await this.#ask(`STREAM.PURGE.${stream}`, { filter: subject, seq });
    if (answer.error !== undefined) throw failure(answer);
  }

  /** Gets everything of a subject, from the first message on, pushed as it comes. */
  async consume(stream: string, subject: string, listener: ConsumerListener): Promise<Consumer> {
    const inbox = `_INBOX.${randomToken()}`;
    let expected = 1, name: string | undefined, isStopped = false;
    const subscription: NatsSubscription = this.#client.subscribe(inbox, {
      callback: (error, message) => {
        if (isStopped || error !== null) return;
        listener.heard();
        const place = placeOf(message.reply);
        // Heartbeats have no place.
        if (place === undefined) return;
        if (place.delivered !== expected++) return listener.gap();
        listener.message(place.seq, this.#parse(message.data));
      },
    });
    const stop = (): void => {
      if (isStopped) return;
      isStopped = true;
      subscription.unsubscribe();
      if (name !== undefined) {
        this.#ask(`CONSUMER.DELETE.${stream}.${name}`, {}).catch(() => {});
      }
    };
    try {
      const answer = await this.#ask(`CONSUMER.CREATE.${stream}`, {
        stream_name: stream,
        config: {
          deliver_subject: inbox,
          filter_subject: subject,
          deliver_policy: "all",
          ack_policy: "none",
          max_deliver: 1,
          mem_storage: true,
          num_replicas: 1,
          idle_heartbeat: HEARTBEAT_MS * 1_000_000,
        },
      }) as Answer & { name?: string };
      if (answer.error !== undefined) throw failure(answer);
      name = answer.name;
    } catch (error) {
      stop();
      throw error;
    }
    return { stop };
  }

  async #get(stream: string, query: object): Promise<Stored | undefined> {
    const answer = await this.#ask(`STREAM.MSG.GET.${stream}`, query) as Answer & {
      message?: { subject: string; seq: number; time: string; data?: string };
    };
    if (answer.error?.code === 404) return undefined;
    if (answer.message === undefined) throw failure(answer);
    const { subject, seq, time, data = "" } = answer.message;
    // Times have nanoseconds; milliseconds are what every Date.parse takes.
    const timeMs = Date.parse(time.replace(/(\.\d{3})\d+/, "$1"));
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    return { subject, seq, timeMs, value: this.#parse(bytes) };
  }

  async #ask(verb: string, body: object): Promise<Answer> {
    return this.#parse(await this.#request(`$JS.API.${verb}`, JSON.stringify(body))) as Answer;
  }

  async #request(subject: string, payload: string): Promise<Uint8Array> {
    return (await this.#client.request(subject, payload, { timeout: TIMEOUT_MS })).data;
  }

  #parse(bytes: Uint8Array): unknown {
    return JSON.parse(this.#decoder.decode(bytes));
  }
}

/** 64 random bits as text. */
export function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * `$JS.ACK.<stream>.<consumer>.<tries>.<seq>.<delivered>.<time>.<pending>`; servers of later versions
 * put a domain and an account before the stream.
 */
function placeOf(reply: string | undefined): { seq: number; delivered: number } | undefined {
  if (reply === undefined || !reply.startsWith("$JS.ACK.")) return undefined;
  const tokens = reply.split(".");
  const at = tokens.length >= 11 ? 7 : 5;
  return { seq: Number(tokens[at]), delivered: Number(tokens[at + 1]) };
}

function failure(answer: Answer): SignalingError {
  const what = answer.error?.description ?? "no such answer was expected";
  return new SignalingError("try-again", `JetStream: ${what}`);
}
