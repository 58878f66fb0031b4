import { EMPTY } from "../base/mod.ts";
import type { OutgoingStream } from "./outgoing_stream.ts";

/** A user message on its way out. Objects are used again: see {@linkcode MessagePool}. */
export class OutgoingMessage {
  /** The stream that carries it. */
  stream!: OutgoingStream;
  /** Payload protocol identifier. */
  ppid = 0;
  /** Where its bytes lie; may hold other messages, too. */
  bytes: Uint8Array = EMPTY;
  /** Offset of the first byte that has not been sent. */
  at = 0;
  /** Offset behind the last byte. */
  end = 0;
  /** Whether it may overtake others. */
  unordered = false;
  /** When it is given up, milliseconds, or Infinity. */
  expiresAt: number = Infinity;
  /** Retransmissions after which it is given up, or Infinity. */
  maxRetransmits: number = Infinity;
  /** Stream sequence number or message identifier, once its first fragment is sent. */
  number = 0;
  /** Fragments sent so far. */
  fragments = 0;
  /** Its length, while it counts among the interleaved messages that have begun; else 0. */
  begunBytes = 0;
  /** TSN of its first fragment. */
  firstTsn = 0;
  /** TSN of the last fragment sent so far. */
  lastTsn = 0;
  /** Given up after its first fragment was sent. */
  abandoned = false;
}

/** Messages that have been acknowledged, for the next ones: no garbage per message. */
export class MessagePool {
  readonly #free: OutgoingMessage[] = [];

  /** A message with default fields. */
  take(): OutgoingMessage {
    return this.#free.pop() ?? new OutgoingMessage();
  }

  /** Gives a message back; nobody may hold it any more. */
  give(message: OutgoingMessage): void {
    if (this.#free.length >= MAX_FREE) return;
    message.bytes = EMPTY;
    message.fragments = 0;
    message.abandoned = false;
    this.#free.push(message);
  }
}

/** About what a full window of small messages holds. */
const MAX_FREE = 16_384;
