import { add16, add32, Ring } from "../base/mod.ts";
import type { OutgoingMessage } from "./outgoing_message.ts";

/**
 * Weight of a stream that was given none: W3C "low", the default of a data channel (RFC 8831 §6.4
 * gives 128, 256, 512 and 1024 to the four priorities).
 */
export const DEFAULT_PRIORITY = 256;

/** Where a stream is in its reset (RFC 6525 §5.1.2). */
export type ResetState =
  /** In use. */
  | "none"
  /** What is queued is sent first; nothing more is taken. */
  | "draining"
  /** Empty; waits for its request to go out. */
  | "ready"
  /** The peer was asked. */
  | "requested";

/** A stream that we send on. */
export class OutgoingStream {
  /** Stream identifier. */
  readonly id: number;
  /** Messages with bytes to send, oldest first. */
  readonly queue: Ring<OutgoingMessage> = new Ring<OutgoingMessage>(4);
  /** Bytes that have not been sent for the first time. */
  bufferedBytes = 0;
  /** At or below this, on the way down, the owner is told. */
  lowThreshold = 0;
  /** Share of the line relative to other streams. */
  priority: number = DEFAULT_PRIORITY;
  /** Virtual time at which its next fragment is due; the scheduler's. */
  dueAt = 0;
  /** Whether the scheduler has it; the scheduler's. */
  scheduled = false;
  /** Where it is in its reset. */
  reset: ResetState = "none";
  #nextOrdered: number;
  #nextUnordered: number;

  /** @param firstNumber of its messages: 0, except in tests of the wrap */
  constructor(id: number, firstNumber: number) {
    this.id = id;
    this.#nextOrdered = this.#nextUnordered = firstNumber;
  }

  /** Number of the next message: a 16-bit SSN, or a 32-bit MID (RFC 8260 §2.1: one row per kind). */
  takeNumber(unordered: boolean, interleaving: boolean): number {
    if (interleaving) {
      const number = unordered ? this.#nextUnordered : this.#nextOrdered;
      if (unordered) this.#nextUnordered = add32(number, 1);
      else this.#nextOrdered = add32(number, 1);
      return number;
    }
    if (unordered) return 0;
    const number = this.#nextOrdered & 0xffff;
    this.#nextOrdered = add16(number, 1);
    return number;
  }

  /** The peer has reset its side: numbers begin at 0 (RFC 6525 §5.2.2). */
  restart(): void {
    this.#nextOrdered = this.#nextUnordered = 0;
    this.reset = "none";
  }
}
