import { Ring } from "../base/mod.ts";

/** Why an association ended. */
export interface SctpCloseReason {
  /** For people. */
  readonly message: string;
  /** Cause code of the ABORT, where there was one (RFC 9260 §3.3.10). */
  readonly sctpCause?: number;
}

/** A whole user message has arrived. */
export interface SctpMessageEvent {
  /** Which event this is. */
  readonly type: "message";
  /** Stream identifier. */
  readonly streamId: number;
  /** Payload protocol identifier. */
  readonly ppid: number;
  /** The message; a buffer of its own that belongs to the receiver. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Whether it was sent outside of the stream's order. */
  readonly unordered: boolean;
}

/** What an association tells its owner, in order. */
export type SctpEvent =
  | SctpMessageEvent
  /** The association is established: messages flow. */
  | { readonly type: "connected" }
  /** The peer began anew (RFC 9260 §5.2.4.1): what was in flight is lost, streams start at zero. */
  | { readonly type: "restarted" }
  /** The peer will send no more on these streams until it uses them anew (RFC 6525 §5.2.2). */
  | { readonly type: "incoming-streams-reset"; readonly streamIds: readonly number[] }
  /** The peer has taken our reset: these streams may be used anew from the start. */
  | { readonly type: "outgoing-streams-reset"; readonly streamIds: readonly number[] }
  /** The peer refused our reset, or knows no resets (RFC 6525 §5.2.7). */
  | { readonly type: "streams-reset-failed"; readonly streamIds: readonly number[] }
  /** The buffered amount of a stream fell to its threshold. */
  | { readonly type: "buffered-amount-low"; readonly streamId: number }
  /** The peer reported an error that does not end the association. */
  | { readonly type: "error"; readonly sctpCause: number; readonly message: string }
  /** The end; no reason when both sides shut down in order. No event follows. */
  | { readonly type: "closed"; readonly reason?: SctpCloseReason };

/** The events that wait to be polled, and how many bytes of messages are among them. */
export class EventQueue {
  readonly #events = new Ring<SctpEvent>();
  /** Bytes of undelivered messages; they count against the receive window. */
  messageBytes = 0;

  /** Adds an event. */
  push(event: SctpEvent): void {
    this.#events.push(event);
  }

  /** Adds a message. */
  pushMessage(
    streamId: number,
    ppid: number,
    data: Uint8Array<ArrayBuffer>,
    unordered: boolean,
  ): void {
    this.messageBytes += data.length;
    this.#events.push({ type: "message", streamId, ppid, data, unordered });
  }

  /** Takes the oldest event. */
  shift(): SctpEvent | undefined {
    const event = this.#events.shift();
    if (event?.type === "message") this.messageBytes -= event.data.length;
    return event;
  }
}
