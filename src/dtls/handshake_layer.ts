import { distance16, readU16 } from "../base/mod.ts";
import { ALERT, ALERT_WARNING } from "./alert.ts";
import type { RecordCounters } from "./counters.ts";
import type { FlightSender } from "./flight_sender.ts";
import { HandshakeFailure, refuse } from "./handshake_failure.ts";
import { HANDSHAKE, HANDSHAKE_HEADER_BYTES } from "./handshake_header.ts";
import type { HandshakeMachine, HandshakePort, HandshakeSettings } from "./handshake_port.ts";
import { type HandshakeMessage, Reassembler } from "./reassembler.ts";
import { PROTECTED_EPOCH, type RecordProtection } from "./record_protection.ts";
import type { Session } from "./session.ts";
import { clientMachine, serverMachine } from "./version_front.ts";

/** What the handshake tells the connection. */
export interface HandshakeObserver {
  /** The first message of a client is here: the clock of the handshake starts. */
  handleFirstMessage(): void;
  /** Keys for the peer's records. */
  handleReadProtection(read: RecordProtection): void;
  /** The handshake is complete. */
  handleFinish(session: Session): void;
  /** The handshake cannot go on. */
  handleFailure(failure: HandshakeFailure): void;
}

/**
 * The handshake layer (RFC 6347 §4.2) between records and the machine of the negotiated version:
 * reassembly, order, repeated flights, the place of ChangeCipherSpec and Finished.
 */
export class HandshakeLayer implements HandshakePort {
  /** The peer's certificates, DER; empty until its fingerprint was checked. */
  remoteCertificates: readonly Uint8Array[] = [];
  readonly #settings: HandshakeSettings;
  readonly #flights: FlightSender;
  readonly #counters: RecordCounters;
  readonly #observer: HandshakeObserver;
  readonly #reassembler: Reassembler = new Reassembler();
  #machine: HandshakeMachine | undefined;
  #now = 0;
  #phase: "running" | "finished" | "stopped" = "running";
  #changeCipherSpecSeen = false;
  /** The peer's next message when our flight was sent. */
  #nextAtFlight = 0;

  constructor(
    settings: HandshakeSettings,
    flights: FlightSender,
    counters: RecordCounters,
    observer: HandshakeObserver,
  ) {
    this.#settings = settings;
    this.#flights = flights;
    this.#counters = counters;
    this.#observer = observer;
  }

  /** The client sends its first flight. A server's machine comes with the first message. */
  startClient(now: number): void {
    this.#now = now;
    this.#machine = clientMachine(this.#settings, this);
    this.#machine.start();
  }

  /** Forgets everything that is not finished. */
  stop(): void {
    this.#phase = "stopped";
    this.#machine?.dispose();
    this.#machine = undefined;
    this.#reassembler.clear();
  }

  /** Takes the handshake fragments of one record. */
  handleRecord(now: number, fragments: Uint8Array, epoch: number): void {
    this.#now = now;
    if (this.#phase === "finished") return this.#handleLate(fragments);
    const reassembler = this.#reassembler;
    for (let at = 0; at < fragments.length;) {
      at = reassembler.push(fragments, at, epoch);
      if (at < 0) {
        this.#counters.dropped.malformed++;
        break;
      }
      if (reassembler.fate === "dropped") this.#counters.dropped.unexpected++;
      if (reassembler.fate === "repeated-flight") this.#onRepeatedFlight();
    }
    this.#deliver();
  }

  /** Takes a ChangeCipherSpec (RFC 5246 §7.1): one byte, 1, in front of the peer's Finished. */
  handleChangeCipherSpec(now: number, fragment: Uint8Array): void {
    this.#now = now;
    if (fragment.length !== 1 || fragment[0] !== 1) {
      this.#counters.dropped.malformed++;
    } else if (this.#machine?.awaitsChangeCipherSpec !== true) {
      this.#counters.dropped.unexpected++;
    } else {
      this.#changeCipherSpecSeen = true;
      this.#deliver();
    }
  }

  // HandshakePort: what the machine may do.

  beginFlight(): void {
    this.#flights.begin();
  }

  addMessage(type: number, body: Uint8Array): Uint8Array {
    return this.#flights.addMessage(type, body);
  }

  addChangeCipherSpec(write: RecordProtection): void {
    this.#flights.addChangeCipherSpec(write);
  }

  sendFlight(repeat: "until-answered" | "on-request"): void {
    this.#nextAtFlight = this.#reassembler.next;
    this.#flights.send(this.#now, repeat);
  }

  setReadProtection(read: RecordProtection): void {
    this.#observer.handleReadProtection(read);
  }

  setRemoteCertificates(certificates: readonly Uint8Array[]): void {
    this.remoteCertificates = certificates;
  }

  finish(session: Session): void {
    this.#phase = "finished";
    this.#machine = undefined;
    this.#reassembler.clear();
    this.#observer.handleFinish(session);
  }

  /**
   * An authenticated handshake message after the handshake: the peer repeats its last flight because
   * ours was lost, or wants to renegotiate, which is declined (RFC 5746 §4.4, RFC 8827 §6.5).
   */
  #handleLate(fragments: Uint8Array): void {
    this.#counters.dropped.unexpected++;
    if (fragments.length < HANDSHAKE_HEADER_BYTES) return;
    if (distance16(this.#reassembler.next, readU16(fragments, 4)) < 0) {
      this.#onRepeatedFlight();
    } else if (
      fragments[0] === HANDSHAKE.hello_request || fragments[0] === HANDSHAKE.client_hello
    ) {
      this.#flights.sendAlert(ALERT_WARNING, ALERT.no_renegotiation);
    }
  }

  /** Ours is only missing when the peer has sent nothing since. */
  #onRepeatedFlight(): void {
    if (this.#reassembler.next === this.#nextAtFlight) this.#flights.onRepeatedFlight(this.#now);
  }

  /** Hands whole messages to the machine, in sequence. */
  #deliver(): void {
    try {
      for (let message = this.#next(); message !== undefined; message = this.#next()) {
        this.#reassembler.advance();
        // RFC 5246 §7.4.9: Finished is the first protected message, and here the only one.
        if ((message.type === HANDSHAKE.finished) !== (message.epoch === PROTECTED_EPOCH)) {
          refuse("unexpected_message", "a handshake message in the wrong epoch");
        }
        this.#machine ??= this.#answer(message);
        this.#machine.handleMessage(message);
        this.#reassembler.minEpoch = this.#machine?.awaitsFinished ? PROTECTED_EPOCH : 0;
      }
    } catch (error) {
      if (!(error instanceof HandshakeFailure)) throw error;
      this.#observer.handleFailure(error);
    }
  }

  /** The next message, unless the ChangeCipherSpec in front of it is missing (RFC 5246 §7.1). */
  #next(): HandshakeMessage | undefined {
    if (this.#phase !== "running") return undefined;
    const message = this.#reassembler.peek();
    const early = message?.type === HANDSHAKE.finished && message.epoch === PROTECTED_EPOCH &&
      !this.#changeCipherSpecSeen;
    return early ? undefined : message;
  }

  /** The client's first message decides on the version. */
  #answer(message: HandshakeMessage): HandshakeMachine {
    this.#observer.handleFirstMessage();
    return serverMachine(this.#settings, this, message);
  }
}
