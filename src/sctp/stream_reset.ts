import { add32, before32, EMPTY } from "../base/mod.ts";
import { padded } from "./chunk.ts";
import type { EventQueue } from "./events.ts";
import type { OutgoingStream } from "./outgoing_stream.ts";
import {
  type AddOutgoingStreams,
  type IncomingSsnReset,
  OUTGOING_RESET_HEADER_BYTES,
  type OutgoingSsnReset,
  type ReConfigParameter,
  type ReConfigResponse,
  ReConfigResult,
  writeOutgoingSsnReset,
  writeReConfigResponses,
} from "./re_config_chunk.ts";
import type { Receiver } from "./receiver.ts";
import { MAX_BACKOFF_MS, type Sender } from "./sender.ts";
import type { SendQueue } from "./send_queue.ts";
import type { SctpTimers } from "./timers.ts";

/**
 * Streams per request, so that it fits into the smallest packet, of 468 bytes (see PathMtu): 12 of
 * header, 20 of chunk, and two per stream. The others follow.
 */
const MAX_STREAMS_PER_REQUEST = 218;

/** Most streams that an association can have: identifiers have 16 bits, the count too. */
const MAX_STREAMS = 0xffff;

/** A reset of the peer that waits until everything before it has arrived (RFC 6525 §5.2.2 E2). */
interface DeferredReset {
  readonly lastTsn: number;
  readonly streamIds: readonly number[];
}

/** Stream reconfiguration (RFC 6525): our requests, one at a time, and the answers to the peer's. */
export class StreamReset {
  readonly #queue: SendQueue;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #events: EventQueue;
  readonly #timers: SctpTimers;
  readonly #supported: boolean;
  /** Our request that is not answered yet, and its streams. */
  #request: OutgoingSsnReset | undefined;
  #requestStreams: OutgoingStream[] = [];
  #requestDue = false;
  #nextNumber: number;
  #backoff = 1;
  /** The peer's last request and what became of it. */
  #peerNumber: number;
  #peerResult: number = ReConfigResult.nothingToDo;
  #deferred: DeferredReset | undefined;
  /** Streams that the peer asked us to reset, until we have. */
  #askedFor: readonly number[] = [];

  /** Request numbers begin at the initial TSNs (RFC 6525 §4.1). */
  constructor(
    localTsn: number,
    peerTsn: number,
    supported: boolean,
    queue: SendQueue,
    sender: Sender,
    receiver: Receiver,
    events: EventQueue,
    timers: SctpTimers,
  ) {
    this.#nextNumber = localTsn;
    this.#peerNumber = add32(peerTsn, -1);
    this.#supported = supported;
    this.#queue = queue;
    this.#sender = sender;
    this.#receiver = receiver;
    this.#events = events;
    this.#timers = timers;
  }

  /** Forms a request from the streams that are ready, if none is under way; tells whether one is due. */
  requestDue(): boolean {
    const ready = this.#queue.readyToReset;
    if (this.#request !== undefined || ready.length === 0) return this.#requestDue;
    const streams = ready.splice(0, MAX_STREAMS_PER_REQUEST);
    const streamIds = streams.map((stream) => stream.id);
    if (!this.#supported) {
      this.#fail(streams, streamIds);
      return false;
    }
    for (const stream of streams) stream.reset = "requested";
    this.#requestStreams = streams;
    this.#request = {
      type: "outgoing-ssn-reset",
      requestNumber: this.#nextNumber,
      responseNumber: this.#peerNumber,
      lastAssignedTsn: this.#sender.beginReset(),
      streamIds,
    };
    this.#nextNumber = add32(this.#nextNumber, 1);
    this.#backoff = 1;
    return this.#requestDue = true;
  }

  /** Writes the request that is due, if it fits. */
  writeRequest(now: number, out: Uint8Array, at: number, end: number): number {
    const request = this.#request!;
    if (at + padded(OUTGOING_RESET_HEADER_BYTES + 2 * request.streamIds.length) > end) return at;
    this.#requestDue = false;
    const base = this.#sender.rto.rtoMs;
    this.#timers.set(
      "reconfig",
      now + Math.min(base * this.#backoff, Math.max(base, MAX_BACKOFF_MS)),
    );
    return writeOutgoingSsnReset(request, out, at);
  }

  /** The request was not answered, or put off: it goes again with its number (RFC 6525 §5.1.1). */
  handleTimeout(): void {
    if (this.#request === undefined) return;
    this.#backoff = Math.min(2 * this.#backoff, 64);
    this.#requestDue = true;
  }

  /** Takes the parameters of a RE-CONFIG, and returns the chunk that answers, or none. */
  handleReConfig(now: number, parameters: readonly ReConfigParameter[]): Uint8Array {
    const responses: ReConfigResponse[] = [];
    // RFC 6525 §5.2.1: all requests of a chunk repeat, or none does.
    for (const parameter of parameters) {
      if (parameter.type === "response") this.#handleResponse(now, parameter);
      else {
        const { requestNumber } = parameter;
        responses.push({
          type: "response",
          responseNumber: requestNumber,
          result: this.#handleRequest(parameter),
        });
      }
    }
    if (responses.length === 0) return EMPTY;
    const out = new Uint8Array(4 + 12 * responses.length);
    return out.subarray(0, writeReConfigResponses(responses, out, 0));
  }

  /** New data has arrived: a reset that was put off may be due. */
  handleProgress(): void {
    const deferred = this.#deferred;
    if (deferred === undefined) return;
    if (before32(this.#receiver.cumulativeTsn, deferred.lastTsn)) return;
    this.#deferred = undefined;
    this.#peerResult = ReConfigResult.performed;
    this.#performIncoming(deferred.streamIds);
  }

  #handleRequest(request: Exclude<ReConfigParameter, ReConfigResponse>): number {
    const { requestNumber } = request;
    if (requestNumber === this.#peerNumber) return this.#peerResult;
    // RFC 6525 §5.2.1: neither the last one again nor the next one.
    if (requestNumber !== add32(this.#peerNumber, 1)) return ReConfigResult.badSequenceNumber;
    // Some stacks repeat a reset that is put off under the next number: it takes the old one's place.
    if (this.#deferred !== undefined && request.type !== "outgoing-ssn-reset") {
      return ReConfigResult.alreadyInProgress;
    }
    this.#peerNumber = requestNumber;
    return this.#peerResult = this.#perform(request);
  }

  #perform(request: Exclude<ReConfigParameter, ReConfigResponse>): number {
    switch (request.type) {
      case "outgoing-ssn-reset":
        return this.#resetIncoming(request);
      case "incoming-ssn-reset":
        return this.#resetOutgoing(request);
      case "add-outgoing-streams":
        return this.#addStreams(request);
      case "denied-request":
        return ReConfigResult.denied;
    }
  }

  /** RFC 6525 §5.2.2. */
  #resetIncoming(request: OutgoingSsnReset): number {
    const { streamIds } = request;
    if (streamIds.some((id) => id >= this.#receiver.inboundStreams)) {
      return ReConfigResult.wrongSequence;
    }
    let affected = streamIds.length > 0 ? streamIds : this.#receiver.reassembly.knownStreams();
    let lastTsn = request.lastAssignedTsn;
    const deferred = this.#deferred;
    if (deferred !== undefined) {
      affected = [...new Set([...deferred.streamIds, ...affected])];
      if (before32(lastTsn, deferred.lastTsn)) lastTsn = deferred.lastTsn;
      this.#deferred = undefined;
    }
    if (before32(this.#receiver.cumulativeTsn, lastTsn)) {
      this.#deferred = { lastTsn, streamIds: affected };
      return ReConfigResult.inProgress;
    }
    this.#performIncoming(affected);
    return ReConfigResult.performed;
  }

  #performIncoming(streamIds: readonly number[]): void {
    this.#receiver.reassembly.resetStreams(streamIds);
    this.#events.push({ type: "incoming-streams-reset", streamIds });
  }

  /** RFC 6525 §5.2.3: what is queued on those streams is sent first, then our own request answers. */
  #resetOutgoing(request: IncomingSsnReset): number {
    const known = request.streamIds.length > 0
      ? request.streamIds.filter((id) => this.#queue.get(id) !== undefined)
      : this.#queue.streamIds();
    if (known.length === 0) return ReConfigResult.nothingToDo;
    for (const id of known) this.#queue.markForReset(id);
    this.#askedFor = known;
    return ReConfigResult.inProgress;
  }

  /** RFC 6525 §5.2.5. */
  #addStreams(request: AddOutgoingStreams): number {
    const total = this.#receiver.inboundStreams + request.count;
    if (total > MAX_STREAMS) return ReConfigResult.denied;
    this.#receiver.inboundStreams = total;
    return ReConfigResult.performed;
  }

  /** RFC 6525 §5.2.7. */
  #handleResponse(now: number, response: ReConfigResponse): void {
    const request = this.#request;
    if (request === undefined || response.responseNumber !== request.requestNumber) return;
    const streams = this.#requestStreams;
    switch (response.result) {
      case ReConfigResult.inProgress:
      case ReConfigResult.alreadyInProgress:
        this.#backoff = 1;
        this.#timers.set("reconfig", now + this.#sender.rto.rtoMs);
        return;
      case ReConfigResult.nothingToDo:
      case ReConfigResult.performed:
        this.#succeed(request);
        this.#events.push({ type: "outgoing-streams-reset", streamIds: request.streamIds });
        return;
      default:
        this.#endRequest();
        this.#fail(streams, request.streamIds);
    }
  }

  /**
   * The peer uses a stream of our request anew: it has performed it, though its answer is not here.
   * Returns the request's streams, or none when this one is not being reset.
   */
  confirm(streamId: number): readonly number[] {
    const request = this.#request;
    if (request === undefined || !request.streamIds.includes(streamId)) return [];
    this.#succeed(request);
    return request.streamIds;
  }

  #succeed(request: OutgoingSsnReset): void {
    const streams = this.#requestStreams;
    this.#endRequest();
    for (const stream of streams) stream.restart();
    this.#answerAsked(request.streamIds);
  }

  #endRequest(): void {
    this.#request = undefined;
    this.#requestStreams = [];
    this.#requestDue = false;
    this.#timers.clear("reconfig");
  }

  /** The peer had asked for these resets: its repeated request gets to know that they are done. */
  #answerAsked(done: readonly number[]): void {
    if (this.#askedFor.length === 0) return;
    this.#askedFor = this.#askedFor.filter((id) => !done.includes(id));
    if (this.#askedFor.length === 0) this.#peerResult = ReConfigResult.performed;
  }

  #fail(streams: readonly OutgoingStream[], streamIds: readonly number[]): void {
    for (const stream of streams) stream.reset = "none";
    this.#events.push({ type: "streams-reset-failed", streamIds });
  }
}
