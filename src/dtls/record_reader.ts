import { readU16, readU48 } from "../base/mod.ts";
import type { RecordCounters } from "./counters.ts";
import type { ReceiveArena } from "./receive_arena.ts";
import {
  CONTENT_APPLICATION_DATA,
  CONTENT_CHANGE_CIPHER_SPEC,
  MAX_PLAINTEXT_BYTES,
  RECORD_HEADER_BYTES,
  VERSION_DTLS_1_2,
} from "./record.ts";
import { PROTECTED_EPOCH, type RecordProtection } from "./record_protection.ts";
import { ReplayWindow } from "./replay_window.ts";
import { Stash } from "./stash.ts";

/** Who takes the records that are not application data. */
export interface RecordSink {
  /** One record; `fragment` is lent until the call returns. */
  handleRecord(type: number, epoch: number, fragment: Uint8Array): void;
  /** The peer has sent authentic application data. */
  handlePeerData(): void;
}

/**
 * The record layer on the way in (RFC 6347 §4.1): takes datagrams apart, keeps the rules of epochs
 * and replays, stages application data and passes everything else on. What is wrong is counted and
 * dropped, and never answered (§4.1.2.7).
 */
export class RecordReader {
  readonly #sink: RecordSink;
  readonly #counters: RecordCounters;
  readonly #window: ReplayWindow = new ReplayWindow();
  readonly #stash: Stash = new Stash();
  readonly #arena: ReceiveArena;
  #protection: RecordProtection | undefined;
  #phase: "handshake" | "established" | "stopped" = "handshake";
  #stashReady = false;
  /** Whether staged records wait to be opened. */
  #staged = false;

  constructor(arena: ReceiveArena, sink: RecordSink, counters: RecordCounters) {
    this.#arena = arena;
    this.#sink = sink;
    this.#counters = counters;
  }

  /** From now on protected records can be opened, though not yet application data. */
  setProtection(protection: RecordProtection): void {
    this.#protection = protection;
    this.#stashReady = true;
  }

  /** The handshake is complete: application data are welcome, plain records no longer. */
  establish(): void {
    this.#phase = "established";
    this.#stashReady = true;
  }

  /** Forgets the key. Application data that were opened before can still be read. */
  stop(): void {
    this.#phase = "stopped";
    this.#protection?.dispose();
    this.#protection = undefined;
    this.#stash.takeAll();
    this.#stashReady = this.#staged = false;
  }

  /** Takes one datagram of any number of records. */
  read(datagram: Uint8Array): void {
    this.#arena.recycle();
    for (let at = 0; at < datagram.length && this.#phase !== "stopped";) {
      const end = recordEnd(datagram, at);
      if (end < 0) {
        this.#counters.dropped.truncated++;
        break;
      }
      this.#readRecord(datagram, at, end);
      at = end;
    }
    while (this.#stashReady) this.#replayStash();
  }

  /** Opens all staged records in one AEAD call. */
  openStaged(): void {
    if (!this.#staged || this.#protection === undefined) return;
    this.#staged = false;
    const accepted = this.#arena.open(this.#protection, this.#window, this.#counters);
    if (accepted > 0) this.#sink.handlePeerData();
  }

  /** Opened application data: a view, lent until the next `read`. */
  nextPlaintext(): Uint8Array | undefined {
    const text = this.#arena.shift();
    if (text === undefined && this.#phase === "stopped") this.#arena.clear();
    return text;
  }

  /** Drops application data that nobody read. */
  discard(): void {
    this.#arena.clear();
  }

  #readRecord(datagram: Uint8Array, at: number, end: number): void {
    const { dropped } = this.#counters;
    const type = datagram[at]!;
    const epoch = readU16(datagram, at + 3);
    if (type < CONTENT_CHANGE_CIPHER_SPEC || type > CONTENT_APPLICATION_DATA) {
      dropped["unknown-type"]++;
    } else if (datagram[at + 1] !== VERSION_DTLS_1_2 >> 8) {
      dropped["bad-version"]++;
    } else if (epoch === PROTECTED_EPOCH) {
      this.#readProtected(datagram, at, end);
    } else if (epoch !== 0) {
      dropped["wrong-epoch"]++;
    } else if (this.#phase === "established") {
      // RFC 6347 §4.1.2.7: nothing unauthenticated touches an established connection.
      dropped.unprotected++;
    } else if (end - at - RECORD_HEADER_BYTES > MAX_PLAINTEXT_BYTES) {
      dropped["bad-length"]++;
    } else if (type === CONTENT_APPLICATION_DATA) {
      // RFC 5246 §11: application data are never sent in the clear.
      dropped.unexpected++;
    } else {
      this.#sink.handleRecord(type, epoch, datagram.subarray(at + RECORD_HEADER_BYTES, end));
    }
  }

  /** A record of epoch 1: application data are staged, anything else is opened now. */
  #readProtected(datagram: Uint8Array, at: number, end: number): void {
    const { dropped } = this.#counters;
    const protection = this.#protection;
    const isData = datagram[at] === CONTENT_APPLICATION_DATA;
    if (protection === undefined || (isData && this.#phase === "handshake")) {
      if (!this.#stash.push(datagram.subarray(at, end))) dropped["no-room"]++;
      return;
    }
    const sequence = readU48(datagram, at + 5);
    const textLength = protection.textLength(end - at);
    if (readU16(datagram, at + 1) !== VERSION_DTLS_1_2) {
      dropped["bad-version"]++;
    } else if (textLength < 0) {
      dropped["bad-length"]++;
    } else if (!this.#window.fresh(sequence)) {
      dropped.replayed++;
    } else if (!isData) {
      this.#readControl(protection, datagram, at, sequence, textLength);
    } else if (this.#arena.stage(protection, datagram, at, sequence, textLength)) {
      this.#staged = true;
    } else {
      dropped["no-room"]++;
    }
  }

  #readControl(
    protection: RecordProtection,
    datagram: Uint8Array,
    at: number,
    sequence: number,
    textLength: number,
  ): void {
    const text = protection.openOne(datagram, at, sequence, textLength);
    if (text === undefined) {
      this.#counters.dropped["bad-mac"]++;
      return;
    }
    this.#window.accept(sequence);
    // What was staged before it comes before it: a close_notify ends the data, not cuts them.
    this.openStaged();
    if (datagram[at] === CONTENT_CHANGE_CIPHER_SPEC) this.#counters.dropped.unexpected++;
    else this.#sink.handleRecord(datagram[at]!, PROTECTED_EPOCH, text);
  }

  #replayStash(): void {
    this.#stashReady = false;
    for (const record of this.#stash.takeAll()) {
      if (this.#phase !== "stopped") this.#readProtected(record, 0, record.length);
    }
  }
}

/** Where the record at `at` ends, or −1 when the datagram ends before. */
function recordEnd(datagram: Uint8Array, at: number): number {
  if (datagram.length - at < RECORD_HEADER_BYTES) return -1;
  const end = at + RECORD_HEADER_BYTES + readU16(datagram, at + 11);
  return end > datagram.length ? -1 : end;
}
