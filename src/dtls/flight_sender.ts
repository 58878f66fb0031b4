import { type Ring, type TimerTable, writeBytes } from "../base/mod.ts";
import type { RecordCounters } from "./counters.ts";
import { HANDSHAKE, HANDSHAKE_HEADER_BYTES, writeHandshakeHeader } from "./handshake_header.ts";
import {
  CONTENT_ALERT,
  CONTENT_CHANGE_CIPHER_SPEC,
  CONTENT_HANDSHAKE,
  RECORD_HEADER_BYTES,
  VERSION_DTLS_1_0,
  VERSION_DTLS_1_2,
  writeRecordHeader,
} from "./record.ts";
import type { RecordProtection } from "./record_protection.ts";

/**
 * How long the last flight is kept for a peer that has not heard it: twice the maximum segment
 * lifetime of TCP (RFC 6347 §4.2.4, RFC 9293 §3.4.1), milliseconds. Its first application record
 * ends the wait.
 */
export const LINGER_MS = 240_000;

/** RFC 6347 §4.2.4.1: doubling stops here, no lower than this, milliseconds. */
const MAX_TIMEOUT_MS = 60_000;

/** A tail of a datagram shorter than this is not worth a fragment, bytes. */
const MIN_FRAGMENT_BYTES = 32;

/**
 * RFC 6347 §4.1.1.1: when retransmissions stay without an answer, the path may not carry datagrams
 * of this size. After so many of them the flight goes out in smaller ones.
 */
const RETRANSMISSIONS_BEFORE_FALLBACK = 2;

/** RFC 791 §3.1: every IPv4 host takes 576 bytes, of which 60 and 8 are headers at most. */
const FALLBACK_DATAGRAM_BYTES = 508;

/** Datagrams that wait for the host. More than any two flights; beyond it they count as lost. */
const MAX_OUTBOX = 256;

/** Something to be sent, and sent again with new record numbers. */
interface FlightItem {
  readonly contentType: number;
  /** Handshake type; 0 for a ChangeCipherSpec. */
  readonly type: number;
  readonly sequence: number;
  readonly body: Uint8Array;
  /** Sealed with this, or plain. */
  readonly protection: RecordProtection | undefined;
}

/**
 * The way out for everything but application data: flights of handshake messages, fragmented to the
 * size of a datagram, coalesced and retransmitted (RFC 6347 §4.2.3, §4.2.4), and alerts.
 */
export class FlightSender {
  /** What the last ChangeCipherSpec switched to. */
  protection: RecordProtection | undefined;
  #maxDatagramSize: number;
  readonly #initialTimeoutMs: number;
  readonly #timers: TimerTable<"retransmit" | "handshake" | "linger">;
  readonly #outbox: Ring<Uint8Array>;
  readonly #counters: RecordCounters;
  #items: FlightItem[] = [];
  #nextMessage = 0;
  #plainSequence = 0;
  #timeoutMs: number;
  /** Timeouts of this flight. */
  #timeouts = 0;
  /** Whether this flight was sent more than once, for whatever reason. */
  #retransmitted = false;
  #lastSentAt = 0;
  /** The datagram being filled. */
  #datagram: Uint8Array;
  #used = 0;

  constructor(
    maxDatagramSize: number,
    initialTimeoutMs: number,
    timers: TimerTable<"retransmit" | "handshake" | "linger">,
    outbox: Ring<Uint8Array>,
    counters: RecordCounters,
  ) {
    this.#maxDatagramSize = maxDatagramSize;
    this.#initialTimeoutMs = this.#timeoutMs = initialTimeoutMs;
    this.#timers = timers;
    this.#outbox = outbox;
    this.#counters = counters;
    this.#datagram = new Uint8Array(maxDatagramSize);
  }

  /** Forgets the last flight: the peer has answered it. */
  begin(): void {
    this.forget();
    // RFC 6347 §4.2.4.1: back to the initial value only after a flight went through without loss.
    if (!this.#retransmitted) this.#timeoutMs = this.#initialTimeoutMs;
    this.#retransmitted = false;
    this.#timeouts = 0;
  }

  /** Adds a message and returns it as the transcript wants it. */
  addMessage(type: number, body: Uint8Array): Uint8Array {
    const sequence = this.#nextMessage++;
    const { protection } = this;
    this.#items.push({ contentType: CONTENT_HANDSHAKE, type, sequence, body, protection });
    const raw = new Uint8Array(HANDSHAKE_HEADER_BYTES + body.length);
    const at = writeHandshakeHeader(raw, 0, type, body.length, sequence, 0, body.length);
    writeBytes(raw, at, body);
    return raw;
  }

  /** Adds a ChangeCipherSpec (RFC 5246 §7.1) and switches to `protection` behind it. */
  addChangeCipherSpec(protection: RecordProtection): void {
    const body = Uint8Array.of(1);
    this.#items.push({
      contentType: CONTENT_CHANGE_CIPHER_SPEC,
      type: 0,
      sequence: 0,
      body,
      protection: this.protection,
    });
    this.protection = protection;
  }

  /** Sends the flight for the first time. */
  send(now: number, repeat: "until-answered" | "on-request"): void {
    this.#counters.flightsSent++;
    this.#transmit(now);
    if (repeat === "until-answered") this.#timers.set("retransmit", now + this.#timeoutMs);
  }

  /** The timer ran out: sends the flight again and waits twice as long. */
  onTimeout(now: number): void {
    this.#retransmitted = true;
    if (++this.#timeouts > RETRANSMISSIONS_BEFORE_FALLBACK) {
      this.#maxDatagramSize = Math.min(this.#maxDatagramSize, FALLBACK_DATAGRAM_BYTES);
    }
    this.#timeoutMs = Math.min(2 * this.#timeoutMs, MAX_TIMEOUT_MS);
    this.#counters.flightsRetransmitted++;
    this.#transmit(now);
    this.#timers.set("retransmit", now + this.#timeoutMs);
  }

  /**
   * The peer repeated the flight that ours answers, so it has not heard ours (RFC 6347 §4.2.4). Not
   * more often than the initial timeout: duplicates made by the network, or by an attacker, must
   * not multiply.
   */
  onRepeatedFlight(now: number): void {
    if (this.#items.length === 0 || now - this.#lastSentAt < this.#initialTimeoutMs) return;
    this.#retransmitted = true;
    this.#counters.flightsRetransmitted++;
    this.#transmit(now);
  }

  /** Nothing will be repeated any more. */
  forget(): void {
    this.#items = [];
    this.#timers.clear("retransmit");
  }

  /** Sends an alert by itself, sealed if a ChangeCipherSpec has been sent. */
  sendAlert(level: number, description: number): void {
    const body = Uint8Array.of(level, description);
    this.#addRecord(CONTENT_ALERT, VERSION_DTLS_1_2, body, this.protection);
    this.#flushDatagram();
  }

  #transmit(now: number): void {
    this.#lastSentAt = now;
    for (const item of this.#items) this.#addItem(item);
    this.#flushDatagram();
  }

  #addItem(item: FlightItem): void {
    const { contentType, type, sequence, body, protection } = item;
    if (contentType !== CONTENT_HANDSHAKE) {
      return this.#addRecord(contentType, VERSION_DTLS_1_2, body, protection);
    }
    // RFC 6347 §4.2.1: before a version is agreed on, records say 1.0.
    const early = type === HANDSHAKE.client_hello || type === HANDSHAKE.hello_verify_request;
    const version = early ? VERSION_DTLS_1_0 : VERSION_DTLS_1_2;
    const overhead = HANDSHAKE_HEADER_BYTES + (protection?.recordOverhead ?? RECORD_HEADER_BYTES);
    let offset = 0;
    do {
      const rest = body.length - offset;
      const wanted = Math.min(rest, MIN_FRAGMENT_BYTES);
      if (this.#used + overhead + wanted > this.#maxDatagramSize) this.#flushDatagram();
      const room = this.#maxDatagramSize - this.#used - overhead;
      const length = Math.min(rest, room);
      const fragment = new Uint8Array(HANDSHAKE_HEADER_BYTES + length);
      const at = writeHandshakeHeader(fragment, 0, type, body.length, sequence, offset, length);
      writeBytes(fragment, at, body.subarray(offset, offset + length));
      this.#addRecord(CONTENT_HANDSHAKE, version, fragment, protection);
      offset += length;
    } while (offset < body.length);
  }

  #addRecord(
    contentType: number,
    version: number,
    body: Uint8Array,
    protection: RecordProtection | undefined,
  ): void {
    const overhead = protection?.recordOverhead ?? RECORD_HEADER_BYTES;
    if (this.#used + overhead + body.length > this.#maxDatagramSize) this.#flushDatagram();
    const out = this.#datagram;
    if (protection !== undefined) {
      // Nothing more can be said under these keys, not even goodbye.
      if (protection.exhausted) return;
      this.#used = writeBytes(out, this.#used, protection.sealOne(contentType, body));
      return;
    }
    const sequence = this.#plainSequence++;
    const at = writeRecordHeader(
      out,
      this.#used,
      contentType,
      version,
      0,
      sequence,
      body.length,
    );
    this.#used = writeBytes(out, at, body);
  }

  #flushDatagram(): void {
    if (this.#used === 0) return;
    if (this.#outbox.length < MAX_OUTBOX) this.#outbox.push(this.#datagram.slice(0, this.#used));
    this.#used = 0;
  }
}
