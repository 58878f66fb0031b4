import { add32, before32 } from "../base/mod.ts";
import { DATA_IMMEDIATE, type DataFields } from "./data_chunk.ts";
import { DataTracker, TSN_BEYOND, TSN_NEW } from "./data_tracker.ts";
import type { EventQueue } from "./events.ts";
import type { ForwardTsn } from "./forward_tsn_chunk.ts";
import type { MemoryAccount } from "./fragments.ts";
import { Reassembly } from "./reassembly.ts";
import type { SctpTimers } from "./timers.ts";

/** RFC 9260 §6.2: an acknowledgement waits 200 ms at most, for a second packet or data to ride on. */
const SACK_DELAY_MS = 200;

/** RFC 9260 §6.2: at least every second packet is acknowledged. */
const PACKETS_PER_SACK = 2;

/**
 * Share of the buffer that is offered as receive window. The rest takes what fills the gap at the
 * cumulative point, so that a full buffer can always drain (RFC 9260 §6.2).
 */
const OFFERED_SHARE = 0.9;

/** The window that an empty buffer of `bufferBytes` offers, bytes. */
export function offeredWindow(bufferBytes: number): number {
  return Math.floor(OFFERED_SHARE * bufferBytes);
}

/** What became of the user data of a chunk. */
export type DataVerdict =
  | "taken"
  | "duplicate"
  | "dropped"
  | "invalid-stream"
  | "too-large"
  | "out-of-memory";

/** How a receiver is set up, from options and the peer's INIT. */
export interface ReceiverOptions {
  /** First TSN that the peer will send. */
  readonly initialTsn: number;
  /** Whether I-DATA is in use. */
  readonly interleaving: boolean;
  /** Streams that the peer may send on. */
  readonly inboundStreams: number;
  /** Messages beyond this are refused, bytes. */
  readonly maxMessageSize: number;
  /** Memory for data that is not yet delivered, bytes. */
  readonly bufferBytes: number;
  /** First number of each stream: 0, except in tests of the wrap. */
  readonly firstNumber: number;
}

/** The receiving half of an association: what has arrived, its order, and its acknowledgement. */
export class Receiver {
  /** Streams that the peer may send on; RE-CONFIG can add some. */
  inboundStreams: number;
  /** Whether the next packet shall carry a SACK. */
  sackDue = false;
  /** Messages put together. */
  readonly reassembly: Reassembly;
  readonly #tracker: DataTracker;
  readonly #account: { bytes: number; readonly limit: number };
  readonly #events: EventQueue;
  readonly #timers: SctpTimers;
  #packetsToAck = 0;
  #ackAtOnce = true;
  #sawData = false;
  #lastWindow: number;

  /** @param events where messages go @param timers the association's */
  constructor(options: ReceiverOptions, events: EventQueue, timers: SctpTimers) {
    this.inboundStreams = options.inboundStreams;
    this.#tracker = new DataTracker(options.initialTsn);
    this.#account = { bytes: 0, limit: options.bufferBytes } satisfies MemoryAccount;
    this.reassembly = new Reassembly({ ...options, account: this.#account }, events);
    this.#events = events;
    this.#timers = timers;
    this.#lastWindow = this.window;
  }

  /** Everything up to here has arrived. */
  get cumulativeTsn(): number {
    return this.#tracker.cumulativeTsn;
  }

  /** Bytes that the peer may send now: real free memory. */
  get window(): number {
    return Math.max(0, offeredWindow(this.#account.limit) - this.#held);
  }

  get #held(): number {
    return this.#account.bytes + this.#events.messageBytes;
  }

  /** Takes a DATA or I-DATA chunk (RFC 9260 §6.2). */
  handleData(fields: DataFields, packet: Uint8Array): DataVerdict {
    this.#sawData = true;
    const { tsn } = fields;
    const judgement = this.#tracker.judge(tsn);
    if (judgement !== TSN_NEW) {
      this.#ackAtOnce = true;
      if (judgement === TSN_BEYOND) return "dropped";
      this.#tracker.addDuplicate(tsn);
      return "duplicate";
    }
    if ((fields.flags & DATA_IMMEDIATE) !== 0) this.#ackAtOnce = true;
    // RFC 9260 §6.5: acknowledged all the same.
    if (fields.streamId >= this.inboundStreams) {
      this.#tracker.add(tsn);
      return "invalid-stream";
    }
    const verdict = this.#admit(tsn, fields.dataEnd - fields.dataAt);
    if (verdict !== "taken") {
      this.#ackAtOnce = true;
      return verdict;
    }
    this.#tracker.add(tsn);
    return this.reassembly.add(fields, packet) ? "taken" : "too-large";
  }

  /** Whether memory takes a chunk: beyond the offered window only what moves the cumulative point. */
  #admit(tsn: number, bytes: number): DataVerdict {
    const held = this.#held + bytes;
    if (held <= offeredWindow(this.#account.limit)) return "taken";
    if (tsn !== add32(this.#tracker.cumulativeTsn, 1)) return "dropped";
    if (held <= this.#account.limit) return "taken";
    // Undelivered messages drain when they are polled; nothing else will free the memory.
    return this.#events.messageBytes > 0 ? "dropped" : "out-of-memory";
  }

  /** Takes a FORWARD TSN or I-FORWARD-TSN (RFC 3758 §3.6). */
  handleForwardTsn(forward: ForwardTsn): void {
    this.#sawData = this.#ackAtOnce = true;
    if (!before32(this.#tracker.cumulativeTsn, forward.newCumulativeTsn)) return;
    this.#tracker.forward(forward.newCumulativeTsn);
    this.reassembly.forward(forward.newCumulativeTsn, forward.skipped);
  }

  /** A packet has been handled: decides when its data is acknowledged (RFC 9260 §6.2). */
  handlePacketEnd(now: number, rtoMs: number): void {
    if (!this.#sawData) return;
    this.#sawData = false;
    this.#packetsToAck++;
    if (this.#ackAtOnce || this.#packetsToAck >= PACKETS_PER_SACK || this.#tracker.hasGaps) {
      this.sackDue = true;
    } else if (!this.#timers.armed("sack")) {
      this.#timers.set("sack", now + Math.min(SACK_DELAY_MS, rtoMs / 2));
    }
  }

  /** Whether data waits to be acknowledged, at once or later: it rides on a packet that goes anyway. */
  get sackPending(): boolean {
    return this.#packetsToAck > 0;
  }

  /** Messages were polled: a window that was all but shut is opened again (RFC 9260 §6.2). */
  handleRead(): void {
    const limit = this.#account.limit;
    if (this.#lastWindow < limit / 8 && this.window > limit / 2) this.sackDue = true;
  }

  /** Writes the SACK that is due. */
  writeSack(out: Uint8Array, at: number, end: number): number {
    this.sackDue = this.#ackAtOnce = false;
    this.#packetsToAck = 0;
    this.#timers.clear("sack");
    this.#lastWindow = this.window;
    return this.#tracker.writeSack(out, at, end, this.#lastWindow);
  }
}
