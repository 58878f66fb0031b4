import { distance16, EMPTY, readU16, readU48, Ring, TimerTable } from "../base/mod.ts";
import { ALERT, ALERT_FATAL, ALERT_WARNING, alertName } from "./alert.ts";
import { newCounters, type RecordCounters } from "./counters.ts";
import { DtlsError } from "./errors.ts";
import type { DtlsEvent, DtlsState } from "./events.ts";
import { FlightSender } from "./flight_sender.ts";
import { type DtlsErrorDetail, HandshakeFailure, refuse } from "./handshake_failure.ts";
import { HANDSHAKE } from "./handshake_header.ts";
import type { HandshakeMachine, HandshakePort, HandshakeSettings } from "./handshake_port.ts";
import {
  checkOptions,
  DEFAULT_HANDSHAKE_TIMEOUT_MS,
  DEFAULT_INITIAL_TIMEOUT_MS,
  DEFAULT_MAX_DATAGRAM_SIZE,
  type DtlsOptions,
  type DtlsRole,
  type DtlsStats,
} from "./options.ts";
import { type HandshakeMessage, Reassembler } from "./reassembler.ts";
import { ReceiveArena } from "./receive_arena.ts";
import {
  CONTENT_ALERT,
  CONTENT_APPLICATION_DATA,
  CONTENT_CHANGE_CIPHER_SPEC,
  CONTENT_HANDSHAKE,
  MAX_PLAINTEXT_BYTES,
  MAX_RECORD_SEQUENCE,
  RECORD_HEADER_BYTES,
  VERSION_DTLS_1_2,
} from "./record.ts";
import { PROTECTED_EPOCH, recordEpoch, type RecordProtection } from "./record_protection.ts";
import { ReplayWindow } from "./replay_window.ts";
import { SendArena } from "./send_arena.ts";
import type { Session } from "./session.ts";
import type { SrtpProfile } from "./srtp_profiles.ts";
import { Stash } from "./stash.ts";
import { clientMachine, serverMachine } from "./version_front.ts";

/**
 * How long the last flight is kept for a peer that has not heard it: twice the maximum segment
 * lifetime of TCP (RFC 6347 §4.2.4, RFC 9293 §3.4.1), milliseconds. Its first application record
 * ends the wait.
 */
const LINGER_MS = 240_000;

/**
 * One DTLS association (RFC 6347) as a state machine without I/O.
 *
 * Datagrams go in through `handleInput`, handshake flights come out of `pollTransmit`. Application
 * data take the batch path: many `handleInput`, one `flushInput`, then `nextPlaintext` until it is
 * empty; and `openSendBatch`, `beginRecord`/`commitRecord` for each packet, `sealSendBatch`, then
 * `nextSealed` until it is empty.
 *
 * @example
 * ```ts
 * import { DtlsConnection } from "@sterna/webrtc/dtls";
 * import { createCertificate, tsCrypto } from "@sterna/webrtc/crypto";
 *
 * const entropy = (out: Uint8Array) => void crypto.getRandomValues(out);
 * const identity = () => createCertificate({ crypto: tsCrypto, entropy, nowMs: Date.now() });
 * const [a, b] = [identity(), identity()];
 * const fingerprint = (of: typeof a) => [
 *   { algorithm: "sha-256", value: of.fingerprint("sha-256") },
 * ];
 * const client = new DtlsConnection({
 *   crypto: tsCrypto,
 *   entropy,
 *   role: "client",
 *   certificate: a,
 *   remoteFingerprints: fingerprint(b),
 * });
 * const server = new DtlsConnection({
 *   crypto: tsCrypto,
 *   entropy,
 *   role: "server",
 *   certificate: b,
 *   remoteFingerprints: fingerprint(a),
 * });
 * client.start(0);
 * server.start(0);
 * for (let progress = true; progress;) {
 *   progress = false;
 *   for (const [from, to] of [[client, server], [server, client]] as const) {
 *     for (let d = from.pollTransmit(); d !== undefined; d = from.pollTransmit()) {
 *       to.handleInput(0, d);
 *       progress = true;
 *     }
 *   }
 * }
 * console.log(client.state, server.state, client.cipherSuite);
 * ```
 */
export class DtlsConnection {
  readonly #role: DtlsRole;
  readonly #settings: HandshakeSettings;
  readonly #handshakeTimeoutMs: number;
  readonly #timers: TimerTable<"retransmit" | "handshake" | "linger"> = new TimerTable([
    "retransmit",
    "handshake",
    "linger",
  ]);
  readonly #outbox: Ring<Uint8Array> = new Ring();
  readonly #events: Ring<DtlsEvent> = new Ring(8);
  readonly #counters: RecordCounters = newCounters();
  readonly #flights: FlightSender;
  readonly #reassembler: Reassembler = new Reassembler();
  readonly #window: ReplayWindow = new ReplayWindow();
  readonly #stash: Stash = new Stash();
  readonly #received: ReceiveArena = new ReceiveArena();
  #sending: SendArena | undefined;
  #state: DtlsState = "new";
  #now = 0;
  #machine: HandshakeMachine | undefined;
  #read: RecordProtection | undefined;
  #session: Session | undefined;
  #remoteCertificates: readonly Uint8Array[] = [];
  #changeCipherSpecSeen = false;
  /** The peer's next message when our flight was sent. */
  #nextAtFlight = 0;
  #stashReady = false;
  /** Whether staged records wait for `flushInput`. */
  #staged = false;

  /** @throws {DtlsError} `invalid-argument` */
  constructor(options: DtlsOptions) {
    checkOptions(options);
    this.#role = options.role;
    this.#settings = {
      crypto: options.crypto,
      entropy: options.entropy,
      certificate: options.certificate,
      remoteFingerprints: options.remoteFingerprints.slice(),
      srtpProfiles: options.srtpProfiles ?? [],
      cookies: options.cookies,
    };
    this.#handshakeTimeoutMs = options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
    this.#flights = new FlightSender(
      options.maxDatagramSize ?? DEFAULT_MAX_DATAGRAM_SIZE,
      options.initialTimeoutMs ?? DEFAULT_INITIAL_TIMEOUT_MS,
      this.#timers,
      this.#outbox,
      this.#counters,
    );
  }

  /** Where the connection stands. */
  get state(): DtlsState {
    return this.#state;
  }

  /** Which side we are. */
  get role(): DtlsRole {
    return this.#role;
  }

  /** Wire version of a connected session: 0xfefd for DTLS 1.2. */
  get version(): number | undefined {
    return this.#session?.version;
  }

  /** IANA name of the negotiated suite. */
  get cipherSuite(): string | undefined {
    return this.#session?.cipherSuite;
  }

  /** The negotiated SRTP profile, if both sides wanted one. */
  get srtpProfile(): SrtpProfile | undefined {
    return this.#session?.srtpProfile;
  }

  /**
   * The peer's certificates, DER, its own first; empty until its fingerprint was checked. They are
   * proven to be the peer's only once the connection is `connected`.
   */
  get remoteCertificates(): readonly Uint8Array[] {
    return this.#remoteCertificates;
  }

  /** Begins: the client sends its ClientHello, the server waits for one. */
  start(now: number): void {
    this.#now = now;
    if (this.#state !== "new") return;
    this.#setState("connecting");
    if (this.#role === "client") {
      this.#timers.set("handshake", now + this.#handshakeTimeoutMs);
      this.#machine = clientMachine(this.#settings, this.#port);
      this.#machine.start();
    }
  }

  /**
   * Takes one datagram. Handshake and alerts are dealt with at once, application records are staged
   * for {@linkcode DtlsConnection.flushInput}. A server that was not started starts.
   *
   * @param datagram lent until the call returns
   */
  handleInput(now: number, datagram: Uint8Array): void {
    this.#now = now;
    if (this.#state === "new" && this.#role === "server") this.start(now);
    if (!this.#open) return;
    this.#counters.packetsReceived++;
    this.#counters.bytesReceived += datagram.length;
    this.#received.recycle();
    for (let at = 0; at < datagram.length && this.#open;) {
      const end = this.#recordEnd(datagram, at);
      if (end < 0) {
        this.#counters.dropped.truncated++;
        break;
      }
      this.#handleRecord(datagram, at, end);
      at = end;
    }
    while (this.#stashReady) this.#replayStash();
  }

  /** Opens all staged records in one AEAD call. */
  flushInput(now: number): void {
    this.#now = now;
    this.#openStaged();
  }

  /** Opened application data: a view, lent until the next `handleInput`. */
  nextPlaintext(): Uint8Array | undefined {
    return this.#received.shift();
  }

  /** Lets time pass. A spurious call is harmless. */
  handleTimeout(now: number): void {
    this.#now = now;
    if (this.#timers.expire("handshake", now)) {
      this.#fail(undefined, "the handshake took too long", "dtls-failure");
    }
    if (this.#timers.expire("retransmit", now)) this.#flights.onTimeout(now);
    if (this.#timers.expire("linger", now)) this.#flights.forget();
  }

  /** When `handleTimeout` is due, milliseconds, or `NEVER`. */
  pollTimeout(): number {
    return this.#timers.next();
  }

  /** The next datagram of the handshake, or one with an alert. */
  pollTransmit(): Uint8Array | undefined {
    const datagram = this.#outbox.shift();
    if (datagram !== undefined) this.#countSent(datagram);
    return datagram;
  }

  /** The next event. */
  pollEvent(): DtlsEvent | undefined {
    return this.#events.shift();
  }

  /** Starts a batch of application records; views of the last batch are no longer valid. */
  openSendBatch(): void {
    if (this.#state !== "connected") return;
    this.#sending ??= new SendArena();
    this.#sending.open();
  }

  /** Where records are written; it can be another one after each `openSendBatch`. */
  get sendBuffer(): Uint8Array {
    return this.#sending?.bytes ?? EMPTY;
  }

  /**
   * Room for one record in `sendBuffer`.
   *
   * @param maxLength bytes that the caller may write, at most 16 384; an empty batch has room for it
   * @returns the offset, or −1 when the batch is full (seal it and open another), when none is open,
   *   or when the connection is not `connected`
   */
  beginRecord(maxLength: number): number {
    const write = this.#flights.protection;
    if (this.#state !== "connected" || write === undefined || this.#sending === undefined) {
      return -1;
    }
    if (maxLength > MAX_PLAINTEXT_BYTES) return -1;
    if (write.sequence > MAX_RECORD_SEQUENCE) {
      this.#fail(undefined, "sequence numbers are used up (RFC 6347 §4.1)", "dtls-failure");
      return -1;
    }
    return this.#sending.begin(write, maxLength);
  }

  /** Makes the first `length` bytes a record. 0 gives the room back, and nothing is sent. */
  commitRecord(length: number): void {
    const write = this.#flights.protection;
    if (write !== undefined) this.#sending?.commit(write, length);
  }

  /** Seals the batch in one AEAD call. */
  sealSendBatch(): void {
    const write = this.#flights.protection;
    if (this.#state === "connected" && write !== undefined) this.#sending?.seal(write);
  }

  /** The next datagram of the sealed batch: a view, lent until the next `openSendBatch`. */
  nextSealed(): Uint8Array | undefined {
    const write = this.#flights.protection;
    const datagram = write && this.#sending?.shift(write);
    if (datagram !== undefined) this.#countSent(datagram);
    return datagram;
  }

  /**
   * Key material for another protocol (RFC 5705), for example SRTP with the label
   * `EXTRACTOR-dtls_srtp` (RFC 5764 §4.2).
   *
   * @param length bytes
   * @throws {DtlsError} `not-connected`
   */
  exportKeyingMaterial(label: string, length: number): Uint8Array {
    if (this.#state !== "connected" || this.#session === undefined) {
      throw new DtlsError("not-connected", "key material exists while the connection is connected");
    }
    return this.#session.exportKeyingMaterial(label, length);
  }

  /** Counters and what was negotiated, as of now. */
  stats(): DtlsStats {
    const session = this.#session;
    return {
      ...this.#counters,
      dropped: { ...this.#counters.dropped },
      state: this.#state,
      role: this.#role,
      tlsVersion: session && session.version.toString(16).toUpperCase(),
      dtlsCipher: session?.cipherSuite,
      srtpCipher: session?.srtpProfile,
      tlsGroup: session?.group,
    };
  }

  /** Says goodbye with close_notify (RFC 5246 §7.2.1) and forgets all keys. */
  close(now: number): void {
    this.#now = now;
    if (!this.#open && this.#state !== "new") return;
    this.#received.clear();
    this.#end("closed", ALERT_WARNING, ALERT.close_notify);
  }

  // Records

  get #open(): boolean {
    return this.#state === "connecting" || this.#state === "connected";
  }

  #recordEnd(datagram: Uint8Array, at: number): number {
    if (datagram.length - at < RECORD_HEADER_BYTES) return -1;
    const end = at + RECORD_HEADER_BYTES + readU16(datagram, at + 11);
    return end > datagram.length ? -1 : end;
  }

  #handleRecord(datagram: Uint8Array, at: number, end: number): void {
    const { dropped } = this.#counters;
    const type = datagram[at]!;
    const epoch = recordEpoch(datagram, at);
    if (type < CONTENT_CHANGE_CIPHER_SPEC || type > CONTENT_APPLICATION_DATA) {
      dropped["unknown-type"]++;
    } else if (datagram[at + 1] !== VERSION_DTLS_1_2 >> 8) {
      dropped["bad-version"]++;
    } else if (epoch === PROTECTED_EPOCH) {
      this.#handleProtected(datagram, at, end);
    } else if (epoch !== 0) {
      dropped["wrong-epoch"]++;
    } else if (this.#state === "connected") {
      // RFC 6347 §4.1.2.7: nothing unauthenticated touches an established connection.
      dropped.unprotected++;
    } else if (end - at - RECORD_HEADER_BYTES > MAX_PLAINTEXT_BYTES) {
      dropped["bad-length"]++;
    } else {
      this.#handlePlain(type, datagram.subarray(at + RECORD_HEADER_BYTES, end));
    }
  }

  #handlePlain(type: number, fragment: Uint8Array): void {
    if (type === CONTENT_HANDSHAKE) {
      this.#handleHandshake(fragment, 0);
    } else if (type === CONTENT_ALERT) {
      this.#handleAlert(fragment);
    } else if (type === CONTENT_CHANGE_CIPHER_SPEC) {
      this.#handleChangeCipherSpec(fragment);
    } else {
      // RFC 6347 §4.2.4: application data are always protected.
      this.#counters.dropped.unexpected++;
    }
  }

  /** A record of epoch 1: application data are staged, anything else is opened now. */
  #handleProtected(datagram: Uint8Array, at: number, end: number): void {
    const { dropped } = this.#counters;
    const read = this.#read;
    const isData = datagram[at] === CONTENT_APPLICATION_DATA;
    if (read === undefined || (isData && this.#state !== "connected")) {
      if (!this.#stash.push(datagram.subarray(at, end))) dropped["no-room"]++;
      return;
    }
    const sequence = readU48(datagram, at + 5);
    const textLength = read.textLength(end - at);
    if (readU16(datagram, at + 1) !== VERSION_DTLS_1_2) {
      dropped["bad-version"]++;
    } else if (textLength < 0) {
      dropped["bad-length"]++;
    } else if (!this.#window.fresh(sequence)) {
      dropped.replayed++;
    } else if (!isData) {
      this.#handleProtectedControl(read, datagram, at, sequence, textLength);
    } else if (this.#received.stage(read, datagram, at, sequence, textLength)) {
      this.#staged = true;
    } else {
      dropped["no-room"]++;
    }
  }

  #handleProtectedControl(
    read: RecordProtection,
    datagram: Uint8Array,
    at: number,
    sequence: number,
    textLength: number,
  ): void {
    const text = read.openOne(datagram, at, sequence, textLength);
    if (text === undefined) {
      this.#counters.dropped["bad-mac"]++;
      return;
    }
    this.#window.accept(sequence);
    // What was staged before it comes before it: a close_notify ends the data, not cuts them.
    this.#openStaged();
    const type = datagram[at];
    if (type === CONTENT_ALERT) this.#handleAlert(text);
    else if (type === CONTENT_HANDSHAKE) this.#handleHandshake(text, PROTECTED_EPOCH);
    else this.#counters.dropped.unexpected++;
  }

  #openStaged(): void {
    if (!this.#staged || this.#read === undefined) return;
    this.#staged = false;
    const accepted = this.#received.open(this.#read, this.#window, this.#counters);
    if (accepted > 0 && this.#timers.armed("linger")) {
      // The peer sends data, so it has our last flight.
      this.#timers.clear("linger");
      this.#flights.forget();
    }
  }

  #replayStash(): void {
    this.#stashReady = false;
    for (const record of this.#stash.takeAll()) {
      if (this.#open) this.#handleProtected(record, 0, record.length);
    }
  }

  // Handshake

  /** What the machine may do: see {@linkcode HandshakePort}. */
  readonly #port: HandshakePort = {
    beginFlight: (): void => this.#flights.begin(),
    addMessage: (type, body): Uint8Array => this.#flights.addMessage(type, body),
    addChangeCipherSpec: (write): void => this.#flights.addChangeCipherSpec(write),
    sendFlight: (repeat): void => {
      this.#nextAtFlight = this.#reassembler.next;
      this.#flights.send(this.#now, repeat);
    },
    setReadProtection: (read): void => {
      this.#read = read;
      this.#stashReady = true;
    },
    setRemoteCertificates: (certificates): void => {
      this.#remoteCertificates = certificates;
    },
    finish: (session): void => this.#finish(session),
  };

  #handleHandshake(record: Uint8Array, epoch: number): void {
    if (this.#state === "connected") return this.#handleLateHandshake(record);
    const reassembler = this.#reassembler;
    for (let at = 0; at < record.length;) {
      at = reassembler.push(record, at, epoch);
      if (at < 0) {
        this.#counters.dropped.malformed++;
        break;
      }
      if (reassembler.fate === "dropped") this.#counters.dropped.unexpected++;
      if (reassembler.fate === "repeated-flight") this.#onRepeatedFlight();
    }
    this.#deliver();
  }

  /**
   * An authenticated handshake message after the handshake: the peer repeats its last flight because
   * ours was lost, or wants to renegotiate, which is declined (RFC 5746 §4.4, RFC 8827 §6.5).
   */
  #handleLateHandshake(record: Uint8Array): void {
    this.#counters.dropped.unexpected++;
    if (record.length < 12) return;
    if (distance16(this.#reassembler.next, readU16(record, 4)) < 0) {
      this.#onRepeatedFlight();
    } else if (record[0] === HANDSHAKE.hello_request || record[0] === HANDSHAKE.client_hello) {
      this.#flights.sendAlert(ALERT_WARNING, ALERT.no_renegotiation);
    }
  }

  #onRepeatedFlight(): void {
    if (this.#reassembler.next === this.#nextAtFlight) this.#flights.onRepeatedFlight(this.#now);
  }

  /** Hands whole messages to the machine, in sequence. */
  #deliver(): void {
    try {
      for (let message = this.#nextMessage(); message; message = this.#nextMessage()) {
        this.#reassembler.advance();
        // RFC 5246 §7.4.9: Finished is the first protected message and the only one.
        const isFinished = message.type === HANDSHAKE.finished;
        if (isFinished !== (message.epoch === PROTECTED_EPOCH)) {
          refuse("unexpected_message", "a handshake message in the wrong epoch");
        }
        const machine = this.#machine ??= this.#answer(message);
        machine.handleMessage(message);
        this.#reassembler.minEpoch = machine.awaitsFinished ? PROTECTED_EPOCH : 0;
      }
    } catch (error) {
      if (!(error instanceof HandshakeFailure)) throw error;
      this.#fail(error.alert, error.message, error.detail);
    }
  }

  /** The next message, unless the ChangeCipherSpec in front of it is missing (RFC 5246 §7.1). */
  #nextMessage(): HandshakeMessage | undefined {
    if (this.#state !== "connecting") return undefined;
    const message = this.#reassembler.peek();
    return message?.type === HANDSHAKE.finished && message.epoch === PROTECTED_EPOCH &&
        !this.#changeCipherSpecSeen
      ? undefined
      : message;
  }

  /** The server's first message decides on the version. */
  #answer(message: HandshakeMessage): HandshakeMachine {
    this.#timers.set("handshake", this.#now + this.#handshakeTimeoutMs);
    return serverMachine(this.#settings, this.#port, message);
  }

  #handleChangeCipherSpec(fragment: Uint8Array): void {
    if (fragment.length !== 1 || fragment[0] !== 1) {
      this.#counters.dropped.malformed++;
    } else if (this.#machine?.awaitsChangeCipherSpec !== true) {
      this.#counters.dropped.unexpected++;
    } else {
      this.#changeCipherSpecSeen = true;
      this.#deliver();
    }
  }

  #finish(session: Session): void {
    this.#session = session;
    this.#machine = undefined;
    this.#reassembler.clear();
    this.#timers.clear("handshake");
    if (this.#role === "server") this.#timers.set("linger", this.#now + LINGER_MS);
    else this.#flights.forget();
    this.#stashReady = true;
    this.#setState("connected");
  }

  // Alerts and the end

  /**
   * RFC 5246 §7.2. Before the handshake is complete a plain alert is believed: it is how a peer says
   * what it dislikes, and whoever can forge it on a path that ICE verified can forge a ServerHello
   * as well. Afterwards only protected ones come here.
   */
  #handleAlert(fragment: Uint8Array): void {
    if (fragment.length !== 2) {
      this.#counters.dropped.malformed++;
      return;
    }
    const [level, description] = fragment as unknown as [number, number];
    if (description === ALERT.close_notify) {
      // RFC 5246 §7.2.1: answer in kind, and discard what was still to be written.
      this.#end("closed", ALERT_WARNING, ALERT.close_notify);
    } else if (level === ALERT_FATAL) {
      const message = `the peer sent ${alertName(description)}`;
      this.#fail(undefined, message, "dtls-failure", description);
    }
  }

  #fail(
    sentAlert: number | undefined,
    message: string,
    detail: DtlsErrorDetail,
    receivedAlert?: number,
  ): void {
    if (!this.#open) return;
    this.#events.push({ type: "error", detail, message, sentAlert, receivedAlert });
    this.#end("failed", ALERT_FATAL, sentAlert);
  }

  #end(state: "closed" | "failed", level: number, alert: number | undefined): void {
    if (alert !== undefined && this.#open) this.#flights.sendAlert(level, alert);
    this.#flights.forget();
    this.#timers.clearAll();
    this.#machine?.dispose();
    this.#machine = undefined;
    this.#session?.dispose();
    this.#read?.dispose();
    this.#read = undefined;
    this.#flights.protection?.dispose();
    this.#reassembler.clear();
    this.#stash.takeAll();
    this.#stashReady = this.#staged = false;
    this.#setState(state);
  }

  #setState(state: DtlsState): void {
    this.#state = state;
    this.#events.push({ type: "state", state });
  }

  #countSent(datagram: Uint8Array): void {
    this.#counters.packetsSent++;
    this.#counters.bytesSent += datagram.length;
  }
}
