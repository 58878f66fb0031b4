import type { EventQueue } from "./events.ts";
import { MessageStore } from "./message_store.ts";
import { MessagePool, type OutgoingMessage } from "./outgoing_message.ts";
import { OutgoingStream } from "./outgoing_stream.ts";
import { StreamScheduler } from "./stream_scheduler.ts";

/** How one message is to be sent. Everything left out means: reliably and in order. */
export interface SendOptions {
  /** Whether it keeps its place among the messages of its stream (default true). */
  readonly ordered?: boolean | undefined;
  /** Retransmissions after which it is given up (RFC 7496 §3.2); 0: sent once. */
  readonly maxRetransmits?: number | undefined;
  /** Milliseconds after which it is given up (RFC 3758 §4). */
  readonly maxLifetimeMs?: number | undefined;
  /** Weight of its stream from here on; 128, 256, 512, 1024 in WebRTC (RFC 8831 §6.4). */
  readonly priority?: number | undefined;
}

/**
 * A message lives to the end of its lifetime, and one of lifetime 0 is still sent once: packets are
 * written a little later than messages are queued. Chromium's stack does the same.
 */
const LIFETIME_GRACE_MS = 1;

/**
 * What has not been sent for the first time: a queue per stream, and whose turn it is. Outlives the
 * control block: messages may be queued before the association is established.
 */
export class SendQueue {
  /** Bytes queued on all streams. */
  totalBytes = 0;
  /** Messages that are on their way, to be given back when they are done. */
  readonly pool: MessagePool = new MessagePool();
  /** Streams that are to be reset and have nothing left to send. */
  readonly readyToReset: OutgoingStream[] = [];
  readonly #streams = new Map<number, OutgoingStream>();
  readonly #scheduler = new StreamScheduler();
  readonly #store = new MessageStore();
  readonly #events: EventQueue;
  readonly #firstNumber: number;
  /** The stream whose message has begun and must be finished first: in DATA, any (RFC 9260 §6.9). */
  #begun: OutgoingStream | undefined;
  /** I-DATA: streams whose first message has begun, and how many bytes those messages have. */
  readonly #begunStreams: OutgoingStream[] = [];
  #begunBytes = 0;

  /** @param events where "buffered-amount-low" goes @param firstNumber of each stream's messages */
  constructor(events: EventQueue, firstNumber: number) {
    this.#events = events;
    this.#firstNumber = firstNumber;
  }

  /** The stream of this identifier, if it has been used. */
  get(streamId: number): OutgoingStream | undefined {
    return this.#streams.get(streamId);
  }

  /** The stream of this identifier. */
  open(streamId: number): OutgoingStream {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.#streams.set(streamId, stream = new OutgoingStream(streamId, this.#firstNumber));
    }
    return stream;
  }

  /** Streams that have been used. */
  streamIds(): number[] {
    return [...this.#streams.keys()];
  }

  /** Marks a stream for reset: what is queued is sent first. */
  markForReset(streamId: number): void {
    const stream = this.open(streamId);
    if (stream.reset !== "none") return;
    stream.reset = "draining";
    this.#checkDrained(stream);
  }

  /** Queues a copy of `data`. */
  push(
    now: number,
    stream: OutgoingStream,
    ppid: number,
    data: Uint8Array,
    options: SendOptions,
  ): void {
    const message = this.pool.take();
    this.#store.store(data, message);
    message.stream = stream;
    message.ppid = ppid;
    message.unordered = options.ordered === false;
    message.maxRetransmits = options.maxRetransmits ?? Infinity;
    message.expiresAt = options.maxLifetimeMs === undefined
      ? Infinity
      : now + options.maxLifetimeMs + LIFETIME_GRACE_MS;
    if (options.priority !== undefined && options.priority > 0) stream.priority = options.priority;
    stream.queue.push(message);
    stream.bufferedBytes += data.length;
    this.totalBytes += data.length;
    this.#scheduler.add(stream);
  }

  /**
   * The message whose next fragment is to be sent, or `undefined`. Drops what expired unsent.
   *
   * @param begunLimit bytes that messages which have begun may have together (I-DATA)
   */
  peek(now: number, partialReliability: boolean, begunLimit: number): OutgoingMessage | undefined {
    for (;;) {
      const stream = this.#begun ?? this.#scheduler.first;
      if (stream === undefined) return undefined;
      const message = stream.queue.peek()!;
      if (message.fragments > 0) return message;
      if (message.expiresAt <= now && partialReliability) {
        this.#dropHead(stream);
        continue;
      }
      const full = this.#begunBytes > 0 &&
        this.#begunBytes + message.end - message.at > begunLimit;
      if (!full) return message;
      // No further message may begin: one that has is brought to its end.
      this.#begun = this.#begunStreams[0];
    }
  }

  /** The first `length` unsent bytes of `message`, which `peek` returned, have been sent. */
  consume(message: OutgoingMessage, length: number, interleaving: boolean): void {
    const { stream } = message;
    if (interleaving && message.fragments === 0 && message.at + length < message.end) {
      message.begunBytes = message.end - message.at;
      this.#begunBytes += message.begunBytes;
      this.#begunStreams.push(stream);
    }
    message.at += length;
    message.fragments++;
    this.#scheduler.charge(stream, length);
    if (message.at === message.end) this.#leaveQueue(stream);
    else if (!interleaving) this.#begun = stream;
    this.#account(stream, length);
  }

  /** Gives up the unsent rest of a message whose first fragments were sent. */
  discardRest(message: OutgoingMessage): void {
    const { stream } = message;
    this.#leaveQueue(stream);
    this.#account(stream, message.end - message.at);
    message.at = message.end;
  }

  /** Drops what is queued, as far as nothing of it was sent. */
  clear(): void {
    for (const stream of this.#streams.values()) {
      stream.queue.clear();
      stream.bufferedBytes = 0;
      this.#scheduler.remove(stream);
    }
    this.#begun = undefined;
    this.#begunStreams.length = this.#begunBytes = 0;
    this.totalBytes = 0;
  }

  /** The association began anew: half-sent messages are lost, numbers start again. */
  restart(): void {
    for (const stream of this.#streams.values()) {
      if ((stream.queue.peek()?.fragments ?? 0) > 0) this.#dropHead(stream);
      stream.restart();
    }
    this.readyToReset.length = 0;
  }

  #dropHead(stream: OutgoingStream): void {
    const message = stream.queue.peek()!;
    const length = message.end - message.at;
    this.#leaveQueue(stream);
    this.#account(stream, length);
    if (message.fragments === 0) this.pool.give(message);
  }

  #leaveQueue(stream: OutgoingStream): void {
    const message = stream.queue.shift()!;
    if (message.begunBytes > 0) {
      this.#begunBytes -= message.begunBytes;
      message.begunBytes = 0;
      this.#begunStreams.splice(this.#begunStreams.indexOf(stream), 1);
    }
    if (this.#begun === stream) this.#begun = undefined;
    if (stream.queue.length === 0) this.#scheduler.remove(stream);
  }

  /** Bytes have left a stream's buffer. */
  #account(stream: OutgoingStream, length: number): void {
    const before = stream.bufferedBytes;
    this.totalBytes -= length;
    stream.bufferedBytes = before - length;
    if (before > stream.lowThreshold && stream.bufferedBytes <= stream.lowThreshold) {
      this.#events.push({ type: "buffered-amount-low", streamId: stream.id });
    }
    this.#checkDrained(stream);
  }

  #checkDrained(stream: OutgoingStream): void {
    if (stream.reset !== "draining" || stream.queue.length > 0) return;
    stream.reset = "ready";
    this.readyToReset.push(stream);
  }
}
