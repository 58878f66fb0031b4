import { EMPTY, Ring, TimerTable } from "../base/mod.ts";
import type { CryptoProvider, SrtpProfile } from "../crypto/mod.ts";
import { ALERT, ALERT_FATAL, ALERT_WARNING, alertName } from "./alert.ts";
import { newCounters, type RecordCounters } from "./counters.ts";
import { DtlsError } from "./errors.ts";
import type { DtlsEvent, DtlsState } from "./events.ts";
import { FlightSender, LINGER_MS } from "./flight_sender.ts";
import type { DtlsErrorDetail } from "./handshake_failure.ts";
import { HandshakeLayer } from "./handshake_layer.ts";
import {
  DEFAULT_HANDSHAKE_TIMEOUT_MS,
  DEFAULT_INITIAL_TIMEOUT_MS,
  DEFAULT_MAX_DATAGRAM_SIZE,
  type DtlsOptions,
  type DtlsRole,
  readOptions,
} from "./options.ts";
import { CONTENT_ALERT, CONTENT_HANDSHAKE, MAX_PLAINTEXT_BYTES } from "./record.ts";
import { type PlaintextRow, ReceiveArena } from "./receive_arena.ts";
import { RecordReader } from "./record_reader.ts";
import { SendArena } from "./send_arena.ts";
import { isReservedLabel } from "./key_schedule.ts";
import type { Session } from "./session.ts";
import { type DtlsStats, takeStats } from "./stats.ts";

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
  readonly #handshake: HandshakeLayer;
  readonly #received: ReceiveArena;
  readonly #reader: RecordReader;
  readonly #crypto: CryptoProvider;
  #sending: SendArena | undefined;
  #state: DtlsState = "new";
  #now = 0;
  #session: Session | undefined;

  /**
   * Nothing happens before `start`.
   *
   * @throws {DtlsError} `invalid-argument`
   */
  constructor(options: DtlsOptions) {
    const settings = readOptions(options);
    this.#role = options.role;
    this.#crypto = options.crypto;
    this.#handshakeTimeoutMs = options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
    this.#flights = new FlightSender(
      options.maxDatagramSize ?? DEFAULT_MAX_DATAGRAM_SIZE,
      options.initialTimeoutMs ?? DEFAULT_INITIAL_TIMEOUT_MS,
      this.#timers,
      this.#outbox,
      this.#counters,
    );
    this.#handshake = new HandshakeLayer(settings, this.#flights, this.#counters, {
      handleFirstMessage: (): void =>
        this.#timers.set("handshake", this.#now + this.#handshakeTimeoutMs),
      handleReadProtection: (read): void => this.#reader.setProtection(read),
      handleFinish: (session): void => this.#finish(session),
      handleFailure: (failure): void => this.#fail(failure.alert, failure.message, failure.detail),
    });
    this.#received = new ReceiveArena(options.crypto, options.content);
    this.#reader = new RecordReader(this.#received, {
      handleRecord: (type, epoch, fragment): void => this.#handleRecord(type, epoch, fragment),
      handlePeerData: (): void => this.#handlePeerData(),
    }, this.#counters);
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
    return this.#handshake.remoteCertificates;
  }

  /** Begins: the client sends its ClientHello, the server waits for one. */
  start(now: number): void {
    this.#now = now;
    if (this.#state !== "new") return;
    this.#setState("connecting");
    if (this.#role === "client") {
      this.#timers.set("handshake", now + this.#handshakeTimeoutMs);
      this.#handshake.startClient(now);
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
    this.#reader.read(datagram);
  }

  /** Opens all staged records in one AEAD call. */
  flushInput(now: number): void {
    this.#now = now;
    this.#reader.openStaged();
  }

  /**
   * Opened application data: a view, lent until the next `handleInput`. When the connection has ended,
   * the call that finds nothing more gives all of the memory back.
   */
  nextPlaintext(): Uint8Array | undefined {
    return this.#reader.nextPlaintext();
  }

  /** With the option `content`: what describes the packet that `nextPlaintext` returned last. */
  get plaintextRow(): PlaintextRow {
    return this.#received;
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
    this.#sending ??= new SendArena(this.#crypto);
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
    if (write.exhausted) {
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
   * @param label not one that TLS itself uses
   * @param length bytes
   * @throws {DtlsError} `not-connected`, `invalid-argument`
   */
  exportKeyingMaterial(label: string, length: number): Uint8Array {
    if (this.#state !== "connected" || this.#session === undefined) {
      throw new DtlsError("not-connected", "key material exists while the connection is connected");
    }
    if (isReservedLabel(label)) {
      throw new DtlsError("invalid-argument", `"${label}" is a label of TLS itself`);
    }
    return this.#session.exportKeyingMaterial(label, length);
  }

  /** Counters and what was negotiated, as of now. */
  stats(): DtlsStats {
    return takeStats(this.#counters, this.#state, this.#role, this.#session);
  }

  /** Says goodbye with close_notify (RFC 5246 §7.2.1) and forgets all keys. */
  close(now: number): void {
    this.#now = now;
    if (!this.#open && this.#state !== "new") return;
    this.#reader.discard();
    this.#end("closed", ALERT_WARNING, ALERT.close_notify);
  }

  get #open(): boolean {
    return this.#state === "connecting" || this.#state === "connected";
  }

  #handleRecord(type: number, epoch: number, fragment: Uint8Array): void {
    if (type === CONTENT_HANDSHAKE) {
      this.#handshake.handleRecord(this.#now, fragment, epoch);
    } else if (type === CONTENT_ALERT) {
      this.#handleAlert(fragment);
    } else {
      this.#handshake.handleChangeCipherSpec(this.#now, fragment);
    }
  }

  /** The peer sends data, so it has our last flight. */
  #handlePeerData(): void {
    if (!this.#timers.armed("linger")) return;
    this.#timers.clear("linger");
    this.#flights.forget();
  }

  #finish(session: Session): void {
    this.#session = session;
    this.#timers.clear("handshake");
    if (this.#role === "server") this.#timers.set("linger", this.#now + LINGER_MS);
    else this.#flights.forget();
    this.#reader.establish();
    this.#setState("connected");
  }

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
    this.#handshake.stop();
    this.#reader.stop();
    this.#session?.dispose();
    this.#flights.protection?.dispose();
    this.#sending?.release();
    this.#sending = undefined;
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
