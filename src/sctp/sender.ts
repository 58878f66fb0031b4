import { add32, before32, distance32 } from "../base/mod.ts";
import { padded } from "./chunk.ts";
import { CongestionControl } from "./congestion.ts";
import { DATA_BEGIN, DATA_END, DATA_HEADER_BYTES, DATA_UNORDERED } from "./data_chunk.ts";
import { writeSentChunk } from "./sent_chunk_writer.ts";
import {
  FORWARD_TSN_HEADER_BYTES,
  FORWARD_TSN_STREAM_BYTES,
  writeForwardTsn,
} from "./forward_tsn_chunk.ts";
import { makeForwardTsn } from "./forward_tsn_maker.ts";
import { I_DATA_HEADER_BYTES } from "./i_data_chunk.ts";
import { I_FORWARD_TSN_STREAM_BYTES, writeIForwardTsn } from "./i_forward_tsn_chunk.ts";
import type { OutgoingMessage } from "./outgoing_message.ts";
import { RetransmissionTimeout } from "./rto.ts";
import { SackFields } from "./sack_chunk.ts";
import type { SendQueue } from "./send_queue.ts";
import { AckResult, type LossPolicy, type SentChunk, SentChunks } from "./sent_chunks.ts";
import type { SctpTimers } from "./timers.ts";

/**
 * TSNs that may be outstanding: a quarter of what gap ack blocks can report, so that stream sequence
 * numbers in flight stay within half of their circle.
 */
const MAX_OUTSTANDING = 16_384;

/**
 * A fragment is begun in the rest of a packet only if an eighth of the packet is left: many small
 * fragments cost more than the bytes they would fill.
 */
const MIN_FRAGMENT_SHARE = 8;

/**
 * Interleaved messages that have begun may take a quarter of the peer's window together: if their
 * pieces filled it, none of them could ever be completed.
 */
const BEGUN_SHARE = 4;

/**
 * Longest T3-rtx after backoff: Chromium's data channels use it, so that a path that comes back is
 * noticed soon. The end of a dead path is decided by ICE consent (RFC 7675), not here.
 */
export const MAX_BACKOFF_MS = 3000;

/** How a sender is set up, from options and the peer's INIT. */
export interface SenderOptions {
  /** The first TSN to be sent. */
  readonly initialTsn: number;
  /** The peer's receive window, bytes. */
  readonly peerWindow: number;
  /** Whether I-DATA is in use. */
  readonly interleaving: boolean;
  /** Whether the peer knows FORWARD TSN. */
  readonly partialReliability: boolean;
  /** Bytes of a full packet. */
  readonly mtu: number;
}

/** The sending half of an association: TSNs, retransmission, congestion control, partial reliability. */
export class Sender implements LossPolicy {
  /** Round-trip times and the timeout. */
  readonly rto: RetransmissionTimeout = new RetransmissionTimeout();
  /** The congestion window. */
  readonly congestion: CongestionControl;
  /** DATA chunks sent again. */
  retransmissions = 0;
  /** Consecutive expirations of T3-rtx. */
  timeouts = 0;
  /** SACKs that told of TSNs never sent, or whose blocks were out of order. */
  implausibleSacks = 0;
  /** User messages given up. */
  abandonedMessages = 0;
  readonly #options: SenderOptions;
  readonly #headerBytes: number;
  /** Bytes that interleaved messages may have together: see BEGUN_SHARE. */
  readonly #begunLimit: number;
  readonly #queue: SendQueue;
  readonly #timers: SctpTimers;
  readonly #chunks: SentChunks;
  readonly #result = new AckResult();
  #peerWindow: number;
  #mtu: number;
  #now = 0;
  #backoff = 1;
  /** RFC 9260 §7.2.4: fast recovery lasts until this TSN is acknowledged. */
  #recoveryExit: number | undefined;
  /** The first packet of a fast retransmission goes whatever the window says. */
  #retransmitAtOnce = false;
  #forwardDue = false;
  #lastForwardTsn: number;
  #lastForwardAt = -Infinity;

  /** @param queue what is to be sent @param timers the association's */
  constructor(options: SenderOptions, queue: SendQueue, timers: SctpTimers) {
    this.#options = options;
    this.#headerBytes = options.interleaving ? I_DATA_HEADER_BYTES : DATA_HEADER_BYTES;
    this.#begunLimit = options.interleaving ? options.peerWindow / BEGUN_SHARE : Infinity;
    this.#queue = queue;
    this.#timers = timers;
    this.#chunks = new SentChunks(options.initialTsn, this);
    this.#peerWindow = options.peerWindow;
    this.#mtu = options.mtu;
    this.#lastForwardTsn = add32(options.initialTsn, -1);
    this.congestion = new CongestionControl(options.mtu);
  }

  /** Bytes in flight, chunk headers included. */
  get flightBytes(): number {
    return this.#chunks.flightBytes;
  }

  /** TSNs that the peer has not cumulatively acknowledged. */
  get outstanding(): number {
    return this.#chunks.length;
  }

  /** The peer's receive window less what is in flight, bytes. */
  get peerWindow(): number {
    return Math.max(0, this.#peerWindow - this.#chunks.flightPayload);
  }

  /** Streams are to be reset after what was sent on them; returns the last TSN that was used. */
  beginReset(): number {
    this.#chunks.holdForward();
    return this.#lastAssignedTsn;
  }

  get #lastAssignedTsn(): number {
    return add32(this.#chunks.nextTsn, -1);
  }

  /** Packets have another size from here on. */
  setMtu(mtu: number): void {
    this.#mtu = mtu;
    this.congestion.setMtu(mtu);
  }

  /** Takes a SACK (RFC 9260 §6.2.1); `true` when it acknowledged something. */
  handleSack(now: number, packet: Uint8Array, sack: SackFields, cumulativeOnly = false): boolean {
    this.#now = now;
    const chunks = this.#chunks;
    if (before32(sack.cumulativeTsn, chunks.cumulativeTsn)) return false;
    if (!chunks.isPlausible(packet, sack)) {
      this.implausibleSacks++;
      return false;
    }
    const flightBefore = chunks.flightBytes;
    if (this.#recoveryExit !== undefined && !before32(sack.cumulativeTsn, this.#recoveryExit)) {
      this.#recoveryExit = undefined;
    }
    const recovering = this.#recoveryExit !== undefined;
    const result = this.#result;
    if (cumulativeOnly) chunks.handleCumulative(now, sack.cumulativeTsn, result);
    else chunks.handleSack(now, packet, sack, recovering, result);
    this.#peerWindow = sack.advertisedWindow;
    if (result.rttMs >= 0) this.rto.observe(result.rttMs);
    this.congestion.handleAck(flightBefore, result.ackedBytes, result.advanced, recovering);
    if (result.loss && !recovering) {
      this.congestion.handleLoss();
      this.#recoveryExit = this.#lastAssignedTsn;
      this.#retransmitAtOnce = chunks.lostCount > 0;
    }
    if (chunks.abandonedPrefix() > 0) this.#forwardDue = true;
    // RFC 9260 §6.3.3: the timeout stays doubled until a round trip was measured. On a path slower than
    // the first timeout, everything would be sent twice otherwise, and nothing could be measured.
    const measured = this.rto.smoothedMs !== undefined;
    if (measured && (result.advanced || result.ackedBytes > 0)) this.#backoff = 1;
    if (result.advanced) this.timeouts = 0;
    this.#restartT3(now, result.advanced);
    return result.ackedBytes > 0 || result.advanced;
  }

  /** Takes the cumulative acknowledgement of a SHUTDOWN, which leaves window and gap reports as they are. */
  handleCumulativeAck(now: number, packet: Uint8Array, cumulativeTsn: number): void {
    const sack = new SackFields();
    sack.cumulativeTsn = cumulativeTsn;
    sack.advertisedWindow = this.#peerWindow;
    this.handleSack(now, packet, sack, true);
  }

  /** RFC 9260 §6.3.2 R2, R3. */
  #restartT3(now: number, advanced: boolean): void {
    if (this.#chunks.length === 0) {
      this.#timers.clear("t3");
      this.congestion.handleAllAcked();
    } else if (advanced || !this.#timers.armed("t3")) this.#armT3(now);
  }

  #armT3(now: number): void {
    // The cap is on the backoff: a path that is slower than it keeps its measured timeout.
    const base = this.rto.rtoMs;
    const timeout = Math.min(base * this.#backoff, Math.max(base, MAX_BACKOFF_MS));
    this.#timers.set("t3", now + timeout);
  }

  /** T3-rtx expired (RFC 9260 §6.3.3, RFC 3758 §3.5 F). */
  handleTimeout(now: number): void {
    this.#now = now;
    // A probe of a shut window says nothing about the path (RFC 9260 §6.1 A).
    if (this.#peerWindow > 0) this.timeouts++;
    if (this.#chunks.flightBytes > 0) this.congestion.handleTimeout();
    this.#recoveryExit = undefined;
    this.#chunks.loseAll();
    this.#backoff = Math.min(this.#backoff * 2, 64);
    if (this.#chunks.abandonedPrefix() > 0) {
      this.#forwardDue = true;
      this.#lastForwardAt = -Infinity;
    }
    this.#armT3(now);
  }

  /** Whether there is a chunk that may be sent now. */
  hasDataToSend(now: number): boolean {
    if (this.#chunks.lostCount > 0) return this.#retransmitAtOnce || this.#windowOpen();
    const message = this.#peek(now);
    return message !== undefined && this.#windowOpen() && this.#peerTakes(message, this.#mtu);
  }

  #peek(now: number): OutgoingMessage | undefined {
    return this.#queue.peek(now, this.#options.partialReliability, this.#begunLimit);
  }

  #windowOpen(): boolean {
    const open = this.#chunks.flightBytes < this.congestion.window;
    if (!open) this.congestion.limited = this.#chunks.flightBytes >= this.congestion.cwnd;
    return open;
  }

  /** RFC 9260 §6.1 A: nothing new into a window that does not take it, except a lone probe. */
  #peerTakes(message: OutgoingMessage, room: number): boolean {
    if (this.#chunks.length >= MAX_OUTSTANDING) return false;
    if (this.#chunks.flightBytes === 0 && this.#chunks.lostCount === 0) return true;
    return Math.min(message.end - message.at, room) <= this.peerWindow;
  }

  /**
   * Writes DATA or I-DATA chunks at `out[at]` that end before `end`: first what was lost, then what
   * is new. `limit`: end of the lent space, if nothing else is in the packet yet, else 0.
   */
  writeData(now: number, out: Uint8Array, at: number, end: number, limit: number): number {
    const start = at;
    this.#now = now;
    if (this.#chunks.lostCount > 0) at = this.#writeLost(now, out, at, end, limit);
    if (this.#chunks.lostCount === 0) {
      at = this.#writeNew(now, out, at, end, limit > 0 && at === start);
    }
    if (at > start && !this.#timers.armed("t3")) this.#armT3(now);
    return at;
  }

  #writeLost(now: number, out: Uint8Array, at: number, end: number, limit: number): number {
    const chunks = this.#chunks;
    const start = at;
    if (!this.#retransmitAtOnce && !this.#windowOpen()) return at;
    this.#retransmitAtOnce = false;
    for (let i = chunks.firstLost(); i >= 0; i = chunks.firstLost(i)) {
      const chunk = chunks.at(i);
      if (this.givesUp(chunk)) {
        this.abandon(chunk.message);
        continue;
      }
      // A chunk from before the path shrank goes alone, and is left to IP (RFC 9260 §6.9).
      const alone = at === start && at + chunk.size <= limit;
      if (chunk.size > end - at && !alone) break;
      chunks.resend(chunk, now);
      this.retransmissions++;
      if (i === 0) this.#armT3(now);
      at = writeSentChunk(chunk, chunks.tsnAt(i), this.#options.interleaving, out, at);
    }
    return at;
  }

  #writeNew(now: number, out: Uint8Array, at: number, end: number, empty: boolean): number {
    const { partialReliability, interleaving } = this.#options;
    const header = this.#headerBytes;
    const start = at;
    const full = this.#mtu;
    while (this.#windowOpen()) {
      const message = this.#peek(now);
      if (message === undefined) {
        this.congestion.limited = false;
        break;
      }
      if (message.fragments > 0 && message.expiresAt <= now && partialReliability) {
        this.abandon(message);
        continue;
      }
      const room = (end - at - header) & ~3;
      const left = message.end - message.at;
      const first = empty && at === start;
      if (left > room && !first) {
        // What fits into a packet of its own is not cut to fill this one.
        const whole = left + header + 12 <= full;
        if (whole || room < full / MIN_FRAGMENT_SHARE) break;
      }
      if (room <= 0) break;
      const length = Math.min(left, room);
      if (!this.#peerTakes(message, length)) {
        this.congestion.limited = false;
        break;
      }
      this.congestion.sentSinceAck = true;
      at = this.#writeFragment(now, message, length, interleaving, out, at);
    }
    return at;
  }

  #writeFragment(
    now: number,
    message: OutgoingMessage,
    length: number,
    interleaving: boolean,
    out: Uint8Array,
    at: number,
  ): number {
    const chunks = this.#chunks;
    const begins = message.fragments === 0;
    if (begins) {
      message.number = message.stream.takeNumber(message.unordered, interleaving);
      message.firstTsn = chunks.nextTsn;
    }
    const chunk = chunks.push(now, message, length, padded(this.#headerBytes + length));
    chunk.at = message.at;
    chunk.fragment = message.fragments;
    chunk.flags = (begins ? DATA_BEGIN : 0) | (message.unordered ? DATA_UNORDERED : 0) |
      (message.at + length === message.end ? DATA_END : 0);
    this.#queue.consume(message, length, interleaving);
    return writeSentChunk(chunk, message.lastTsn, interleaving, out, at);
  }

  /** Whether a lost chunk's message is given up (RFC 3758 §3.5 A, RFC 7496 §3.2). */
  givesUp(chunk: SentChunk): boolean {
    const { message } = chunk;
    return this.#options.partialReliability &&
      (chunk.retransmits >= message.maxRetransmits || message.expiresAt <= this.#now);
  }

  /** Gives a message up whose first fragment was sent (RFC 3758 §3.5 A3). */
  abandon(message: OutgoingMessage): void {
    if (message.abandoned) return;
    message.abandoned = true;
    this.abandonedMessages++;
    const chunks = this.#chunks;
    if (message.at < message.end) {
      this.#queue.discardRest(message);
      // The peer may have every fragment that was sent and wait for the rest: a last one, which is
      // never sent, gives FORWARD TSN something to skip.
      const end = chunks.push(this.#now, message, 0, 0);
      end.at = message.end;
      end.fragment = message.fragments;
      end.flags = DATA_END | (message.unordered ? DATA_UNORDERED : 0);
    }
    const last = distance32(chunks.cumulativeTsn, message.lastTsn);
    const first = Math.max(1, distance32(chunks.cumulativeTsn, message.firstTsn));
    for (let i = first - 1; i < last; i++) {
      if (chunks.at(i).message === message) chunks.abandonAt(i);
    }
    if (chunks.abandonedPrefix() > 0) this.#forwardDue = true;
    if (!this.#timers.armed("t3")) this.#armT3(this.#now);
  }

  /** The last chunk of a message is done with. */
  release(message: OutgoingMessage): void {
    this.#queue.pool.give(message);
  }

  /** Whether a FORWARD TSN is to be sent now: at once when it moves on, else once per round trip. */
  forwardTsnDue(now: number): boolean {
    if (!this.#forwardDue) return false;
    const prefix = this.#chunks.abandonedPrefix();
    if (prefix === 0) {
      this.#forwardDue = false;
      return false;
    }
    const tsn = this.#chunks.tsnAt(prefix - 1);
    return tsn !== this.#lastForwardTsn ||
      now >= this.#lastForwardAt + (this.rto.smoothedMs ?? this.rto.rtoMs);
  }

  /** Writes the FORWARD TSN or I-FORWARD-TSN that is due (RFC 3758 §3.5 C, RFC 8260 §2.3.1). */
  writeForwardTsn(now: number, out: Uint8Array, at: number, end: number): number {
    const { interleaving } = this.#options;
    const entry = interleaving ? I_FORWARD_TSN_STREAM_BYTES : FORWARD_TSN_STREAM_BYTES;
    const maxStreams = Math.floor((end - at - FORWARD_TSN_HEADER_BYTES) / entry);
    if (maxStreams < 1) return at;
    const forward = makeForwardTsn(this.#chunks, maxStreams, interleaving);
    this.#forwardDue = false;
    this.#lastForwardTsn = forward.newCumulativeTsn;
    this.#lastForwardAt = now;
    return interleaving ? writeIForwardTsn(forward, out, at) : writeForwardTsn(forward, out, at);
  }
}
