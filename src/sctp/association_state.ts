import type { SctpExtensions } from "./init_chunk.ts";
import type { Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";
import type { StreamReset } from "./stream_reset.ts";

/** State names of RFC 9260 §4. */
export type SctpState =
  | "closed"
  | "cookie-wait"
  | "cookie-echoed"
  | "established"
  | "shutdown-pending"
  | "shutdown-sent"
  | "shutdown-received"
  | "shutdown-ack-sent";

/** What exists once the peer's parameters are known (RFC 9260 §14: the TCB). */
export interface ControlBlock {
  /** Tag of the peer's packets. */
  readonly localTag: number;
  /** Tag of our packets. */
  peerTag: number;
  /** Streams that we may send on. */
  readonly outboundStreams: number;
  /** What both sides support. */
  readonly extensions: SctpExtensions;
  /** The sending half. */
  readonly sender: Sender;
  /** The receiving half. */
  readonly receiver: Receiver;
  /** Stream resets. */
  readonly reset: StreamReset;
}

/** A state, and what only exists in it. */
export type AssociationState =
  | { readonly name: "closed"; readonly tcb: undefined; readonly ended: boolean }
  | {
    readonly name: "cookie-wait";
    readonly tcb: undefined;
    readonly localTag: number;
    readonly localTsn: number;
  }
  | {
    readonly name: "cookie-echoed";
    readonly tcb: ControlBlock;
    readonly localTsn: number;
    readonly cookie: Uint8Array;
  }
  | {
    readonly name:
      | "established"
      | "shutdown-pending"
      | "shutdown-sent"
      | "shutdown-received"
      | "shutdown-ack-sent";
    readonly tcb: ControlBlock;
  };
