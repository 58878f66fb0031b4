import { add16, add32, distance16, distance32 } from "../base/mod.ts";
import { DATA_BEGIN, DATA_END, DATA_UNORDERED, type DataFields } from "./data_chunk.ts";
import type { EventQueue } from "./events.ts";
import type { SkippedStream } from "./forward_tsn_chunk.ts";
import { FragmentList, type MemoryAccount, OVERHEAD_BYTES } from "./fragments.ts";

/** A whole message that waits for earlier ones of its stream. */
interface WaitingMessage {
  readonly ppid: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What is known of a stream that the peer sends on. */
interface InboundStream {
  /** Stream sequence number or message identifier that is to be delivered next. */
  nextNumber: number;
  /** Complete messages beyond it, by number. */
  waiting: Map<number, WaitingMessage> | undefined;
  /** Incomplete ordered messages by identifier (I-DATA). */
  partial: Map<number, FragmentList> | undefined;
  /** Incomplete unordered messages by identifier (I-DATA). */
  partialUnordered: Map<number, FragmentList> | undefined;
}

/** How the receiver is set up. */
export interface ReassemblyOptions {
  /** Whether I-DATA is in use (RFC 8260), else DATA. */
  readonly interleaving: boolean;
  /** Where memory is counted. */
  readonly account: MemoryAccount;
  /** Messages beyond this are refused, bytes. */
  readonly maxMessageSize: number;
  /** First number of each stream: 0, except in tests of the wrap. */
  readonly firstNumber: number;
}

/**
 * Puts fragments together and messages in order (RFC 9260 §6.5, §6.6, §6.9; RFC 8260 §2.2.3). Whole
 * messages that are due go to the event queue at once, copied once.
 */
export class Reassembly {
  readonly #options: ReassemblyOptions;
  readonly #events: EventQueue;
  readonly #fragments: FragmentList;
  readonly #streams = new Map<number, InboundStream>();
  /** Size of the last message that came in fragments: a hint for the next one's buffer. */
  #expectedBytes = 0;

  /** @param events where whole messages go */
  constructor(options: ReassemblyOptions, events: EventQueue) {
    this.#options = options;
    this.#events = events;
    this.#fragments = new FragmentList(options.account);
  }

  /** Takes the user data of one chunk with a new TSN; `false` when the message is too large. */
  add(fields: DataFields, packet: Uint8Array): boolean {
    if ((fields.flags & (DATA_BEGIN | DATA_END)) === (DATA_BEGIN | DATA_END)) {
      if (fields.dataEnd - fields.dataAt > this.#options.maxMessageSize) return false;
      this.#complete(fields, fields.ppid, packet, undefined);
      return true;
    }
    if (this.#options.interleaving) return this.#addInterleaved(fields, packet);
    const run = this.#fragments.insert(fields.tsn, fields, packet, this.#expectedBytes);
    if (run === undefined) return true;
    if (run.length > this.#options.maxMessageSize) return false;
    if ((run.flags & (DATA_BEGIN | DATA_END)) === (DATA_BEGIN | DATA_END)) {
      this.#expectedBytes = run.length;
      this.#complete(fields, run.ppid, undefined, run.take());
    }
    return true;
  }

  /** FORWARD TSN: what ends at or before `tsn` will not be completed (RFC 3758 §3.6). */
  forward(tsn: number, skipped: readonly SkippedStream[]): void {
    if (!this.#options.interleaving) this.#fragments.dropUpTo(tsn);
    for (const skip of skipped) {
      const stream = this.#stream(skip.streamId);
      if (skip.unordered) this.#dropPartial(stream.partialUnordered, skip.messageNumber);
      else this.#skipTo(skip.streamId, stream, skip.messageNumber);
    }
  }

  /** Streams begin anew with number 0 (RFC 6525 §5.2.2); what waited on them is dropped. */
  resetStreams(streamIds: readonly number[]): void {
    for (const streamId of streamIds) {
      const stream = this.#streams.get(streamId);
      if (!this.#options.interleaving) this.#fragments.dropStream(streamId);
      if (stream === undefined) {
        if (this.#options.firstNumber !== 0) this.#stream(streamId).nextNumber = 0;
        continue;
      }
      this.#forget(stream);
      if (this.#options.firstNumber === 0) this.#streams.delete(streamId);
      else stream.nextNumber = 0;
    }
  }

  /** Streams that have carried messages. */
  knownStreams(): number[] {
    return [...this.#streams.keys()];
  }

  #addInterleaved(fields: DataFields, packet: Uint8Array): boolean {
    const stream = this.#stream(fields.streamId);
    const unordered = (fields.flags & DATA_UNORDERED) !== 0;
    if (!unordered && this.#distance(stream.nextNumber, fields.messageNumber) < 0) return true;
    const partial = unordered
      ? (stream.partialUnordered ??= new Map<number, FragmentList>())
      : (stream.partial ??= new Map<number, FragmentList>());
    let list = partial.get(fields.messageNumber);
    if (list === undefined) {
      partial.set(fields.messageNumber, list = new FragmentList(this.#options.account));
    }
    const run = list.insert(fields.fragmentNumber, fields, packet, this.#expectedBytes);
    if (run === undefined) return true;
    if (run.length > this.#options.maxMessageSize) return false;
    if ((run.flags & (DATA_BEGIN | DATA_END)) === (DATA_BEGIN | DATA_END)) {
      list.clear();
      partial.delete(fields.messageNumber);
      this.#expectedBytes = run.length;
      this.#complete(fields, run.ppid, undefined, run.take());
    }
    return true;
  }

  /** A message is whole: `data`, or what `fields` delimits in `packet`. */
  #complete(
    fields: DataFields,
    ppid: number,
    packet: Uint8Array | undefined,
    data: Uint8Array<ArrayBuffer> | undefined,
  ): void {
    const { streamId, messageNumber } = fields;
    if ((fields.flags & DATA_UNORDERED) !== 0) {
      this.#events.pushMessage(streamId, ppid, data ?? copy(packet!, fields), true);
      return;
    }
    const stream = this.#stream(streamId);
    const ahead = this.#distance(stream.nextNumber, messageNumber);
    if (ahead < 0) return;
    const message = data ?? copy(packet!, fields);
    if (ahead > 0) {
      const waiting = stream.waiting ??= new Map<number, WaitingMessage>();
      if (waiting.has(messageNumber)) return;
      waiting.set(messageNumber, { ppid, data: message });
      this.#options.account.bytes += message.length + OVERHEAD_BYTES;
      return;
    }
    this.#events.pushMessage(streamId, ppid, message, false);
    stream.nextNumber = this.#after(messageNumber);
    if (stream.waiting !== undefined) this.#deliverWaiting(streamId, stream);
  }

  #deliverWaiting(streamId: number, stream: InboundStream): void {
    const waiting = stream.waiting!;
    while (waiting.size > 0 && this.#deliverOne(streamId, waiting, stream.nextNumber)) {
      stream.nextNumber = this.#after(stream.nextNumber);
    }
  }

  #deliverOne(streamId: number, waiting: Map<number, WaitingMessage>, number: number): boolean {
    const message = waiting.get(number);
    if (message === undefined) return false;
    waiting.delete(number);
    this.#options.account.bytes -= message.data.length + OVERHEAD_BYTES;
    this.#events.pushMessage(streamId, message.ppid, message.data, false);
    return true;
  }

  /** Gives up what is incomplete up to `number`; what is whole is delivered (RFC 3758 §3.6). */
  #skipTo(streamId: number, stream: InboundStream, number: number): void {
    this.#dropPartial(stream.partial, number);
    if (this.#distance(stream.nextNumber, number) < 0) return;
    const { waiting, nextNumber } = stream;
    if (waiting !== undefined && waiting.size > 0) {
      const due = [...waiting.keys()].filter((n) => this.#distance(n, number) >= 0);
      due.sort((a, b) => this.#distance(nextNumber, a) - this.#distance(nextNumber, b));
      for (const n of due) this.#deliverOne(streamId, waiting, n);
    }
    stream.nextNumber = this.#after(number);
    if (waiting !== undefined) this.#deliverWaiting(streamId, stream);
  }

  #dropPartial(partial: Map<number, FragmentList> | undefined, upTo: number): void {
    if (partial === undefined) return;
    for (const [number, list] of partial) {
      if (distance32(number, upTo) < 0) continue;
      list.clear();
      partial.delete(number);
    }
  }

  #forget(stream: InboundStream): void {
    for (const { data } of stream.waiting?.values() ?? []) {
      this.#options.account.bytes -= data.length + OVERHEAD_BYTES;
    }
    for (const list of stream.partial?.values() ?? []) list.clear();
    for (const list of stream.partialUnordered?.values() ?? []) list.clear();
    stream.waiting = stream.partial = stream.partialUnordered = undefined;
  }

  #stream(streamId: number): InboundStream {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      stream = {
        nextNumber: this.#options.firstNumber,
        waiting: undefined,
        partial: undefined,
        partialUnordered: undefined,
      };
      this.#streams.set(streamId, stream);
    }
    return stream;
  }

  /** Stream sequence numbers have 16 bits, message identifiers 32. */
  #distance(from: number, to: number): number {
    return this.#options.interleaving ? distance32(from, to) : distance16(from, to);
  }

  #after(number: number): number {
    return this.#options.interleaving ? add32(number, 1) : add16(number, 1);
  }
}

function copy(packet: Uint8Array, fields: DataFields): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(fields.dataEnd - fields.dataAt);
  out.set(packet.subarray(fields.dataAt, fields.dataEnd));
  return out;
}
