import type { ControlBlock, SctpState } from "./association_state.ts";
import { Core } from "./core.ts";
import { CauseCode, textCause } from "./error_chunk.ts";
import { SctpError } from "./errors.ts";
import type { SctpEvent } from "./events.ts";
import { Handshake } from "./handshake.ts";
import { writeHeartbeatChunk } from "./heartbeat_chunk.ts";
import { Inbound } from "./inbound.ts";
import { Lifecycle } from "./lifecycle.ts";
import { checkOptions, type SctpOptions, SEND_BUFFER_BYTES, STREAMS } from "./options.ts";
import { Outbound } from "./outbound.ts";
import { SCTP_COLUMNS } from "./sctp_row.ts";
import type { SendOptions } from "./send_queue.ts";
import type { SctpStats } from "./stats.ts";

/** What became of a message that was to be sent. */
export type SendOutcome =
  /** Queued. */
  | "ok"
  /** The association has ended or is ending, or the stream is being reset. */
  | "closed"
  /** The send buffer is full; wait for "buffered-amount-low". */
  | "buffer-full"
  /** Larger than the peer takes. */
  | "too-large";

const DEFAULT_SEND: SendOptions = {};

/**
 * One SCTP association over DTLS (RFC 9260, RFC 8261). Synchronous and without I/O: packets and the
 * time go in, packets and events come out.
 *
 * @example
 * ```ts
 * import { SctpAssociation } from "@sterna/webrtc/sctp";
 *
 * const entropy = (out: Uint8Array) => void crypto.getRandomValues(out);
 * const options = {
 *   entropy, localPort: 5000, remotePort: 5000,
 *   maxMessageSize: 262144, remoteMaxMessageSize: 262144, maxPacketSize: 1191,
 * };
 * const a = new SctpAssociation(options);
 * const b = new SctpAssociation(options);
 * a.connect(0);
 * a.send(0, 1, 51, new TextEncoder().encode("hello"));
 * const packet = new Uint8Array(2048);
 * for (let moved = true; moved;) {
 *   moved = false;
 *   for (const [from, to] of [[a, b], [b, a]] as const) {
 *     const end = from.pollTransmit(0, packet, 0, from.maxTransmitBytes);
 *     if (end > 0) to.handleInput(0, packet.subarray(0, end));
 *     moved ||= end > 0;
 *   }
 * }
 * for (let event = b.pollEvent(); event; event = b.pollEvent()) console.log(event.type);
 * // connected, message
 * ```
 */
export class SctpAssociation {
  readonly #core: Core;
  readonly #lifecycle: Lifecycle;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  #messagesSent = 0;
  #messagesReceived = 0;

  /**
   * Makes an association that does nothing until it is connected, or the peer connects.
   *
   * @throws {SctpError} `invalid-option`
   */
  constructor(options: SctpOptions) {
    checkOptions(options);
    this.#core = new Core(options);
    this.#lifecycle = new Lifecycle(this.#core);
    const handshake = new Handshake(this.#core, this.#lifecycle);
    this.#inbound = new Inbound(this.#core, this.#lifecycle, handshake);
    this.#outbound = new Outbound(this.#core, this.#lifecycle);
  }

  /** Where the association is in its life (RFC 9260 §4). */
  get state(): SctpState {
    return this.#core.state.name;
  }

  /** The most bytes that {@linkcode SctpAssociation.pollTransmit} may want to write next. */
  get maxTransmitBytes(): number {
    return this.#core.mtu.largest;
  }

  /** Streams that we may send on: identifiers 0 … n − 1. 65535 until the peer has told less. */
  get outboundStreams(): number {
    return this.#core.state.tcb?.outboundStreams ?? STREAMS;
  }

  /** Streams that the peer may send on. */
  get inboundStreams(): number {
    return this.#core.state.tcb?.receiver.inboundStreams ?? STREAMS;
  }

  /**
   * Queues one message; `data` is copied. May be called before the association is established.
   *
   * @param streamId 0 … 65534
   * @param ppid what kind of payload it is (RFC 8831 §8)
   * @param data at least one byte
   * @throws {SctpError} `invalid-stream`, `empty-message`
   */
  send(
    now: number,
    streamId: number,
    ppid: number,
    data: Uint8Array,
    options: SendOptions = DEFAULT_SEND,
  ): SendOutcome {
    if (!(streamId >= 0 && streamId < this.outboundStreams)) {
      throw new SctpError("invalid-stream", `stream ${streamId} does not exist`);
    }
    if (data.length === 0) {
      throw new SctpError("empty-message", "SCTP has no empty messages: use the PPIDs for them");
    }
    if (!this.#takesMessages) return "closed";
    const limit = this.#core.options.remoteMaxMessageSize;
    if (limit > 0 && data.length > limit) return "too-large";
    const room = this.#core.options.sendBufferBytes ?? SEND_BUFFER_BYTES;
    if (this.#core.queue.totalBytes + data.length > room) return "buffer-full";
    const stream = this.#core.queue.open(streamId);
    if (stream.reset !== "none") return "closed";
    this.#core.queue.push(now, stream, ppid, data, options);
    this.#messagesSent++;
    return "ok";
  }

  get #takesMessages(): boolean {
    const { name } = this.#core.state;
    if (this.#core.state.name === "closed") return !this.#core.state.ended;
    return name === "established" || name === "cookie-wait" || name === "cookie-echoed";
  }

  /**
   * Resets streams that we send on (RFC 6525): what is queued goes first, nothing more is taken. Ends
   * in "outgoing-streams-reset" or "streams-reset-failed", and then they may be used anew.
   */
  resetStreams(_now: number, streamIds: readonly number[]): void {
    for (const streamId of streamIds) this.#core.queue.markForReset(streamId);
  }

  /**
   * The peer shows on a higher layer that it has performed our reset of a stream, though its answer is
   * not here: it opens a new channel there. Returns the streams that were reset together and may be
   * used anew, without an event; none when the stream is not being reset.
   */
  confirmReset(streamId: number): readonly number[] {
    return this.#core.state.tcb?.reset.confirm(streamId) ?? [];
  }

  /** Bytes of messages on a stream that have not been sent for the first time. */
  bufferedAmount(streamId: number): number {
    return this.#core.queue.get(streamId)?.bufferedBytes ?? 0;
  }

  /** Sets the amount at which "buffered-amount-low" is told on the way down. */
  setBufferedAmountLowThreshold(streamId: number, bytes: number): void {
    this.#core.queue.open(streamId).lowThreshold = bytes;
  }

  /** Sets the weight of a stream: 128, 256, 512, 1024 in WebRTC (RFC 8831 §6.4). */
  setStreamPriority(streamId: number, priority: number): void {
    if (priority > 0) this.#core.queue.open(streamId).priority = priority;
  }

  /**
   * Names the largest SCTP packet that the host knows to pass unfragmented, bytes. Larger packets than
   * `maxPacketSize` are used only below this, only with a peer that lists PAD among its extensions,
   * and only after a probe of their size was answered.
   */
  setPathMtu(bytes: number): void {
    const before = this.#core.mtu.current;
    this.#core.mtu.setBound(bytes);
    if (this.#core.mtu.current !== before) {
      this.#core.state.tcb?.sender.setMtu(this.#core.mtu.current);
    }
    const state = this.#core.state;
    if (state.name === "established" && state.tcb.extensions.padding) this.#core.mtu.search();
  }

  /** Ends at once: the peer gets an ABORT (RFC 9260 §9.1), the owner "closed" without a reason. */
  abort(_now: number): void {
    this.#lifecycle.abortWith([textCause(CauseCode.userInitiatedAbort, "")], undefined);
  }

  /** When {@linkcode SctpAssociation.handleTimeout} is to be called, or `NEVER`. */
  pollTimeout(): number {
    return this.#core.timers.next();
  }

  /** Acts on what is due at `now`; harmless when nothing is. */
  handleTimeout(now: number): void {
    const timers = this.#core.timers;
    if (timers.next() > now) return;
    if (timers.expire("t1", now)) this.#lifecycle.handleT1(now);
    if (timers.expire("t2", now)) this.#lifecycle.handleT2(now);
    const { tcb } = this.#core.state;
    if (tcb === undefined) return;
    if (timers.expire("t3", now)) this.#handleT3(now, tcb);
    if (timers.expire("sack", now)) tcb.receiver.sackDue = true;
    if (timers.expire("reconfig", now)) tcb.reset.handleTimeout();
    if (timers.expire("probe", now)) this.#core.mtu.handleTimeout(now);
    if (timers.expire("heartbeat", now)) this.#handleHeartbeatTimer(now, tcb);
  }

  #handleT3(now: number, tcb: ControlBlock): void {
    const { sender } = tcb;
    sender.handleTimeout(now);
    if (this.#lifecycle.tooMany(sender.timeouts + this.#core.missedHeartbeats)) return;
    if (this.#core.mtu.handleDataTimeouts(now, sender.timeouts, tcb.extensions.padding)) {
      sender.setMtu(this.#core.mtu.current);
    }
  }

  /** RFC 9260 §8.3: a HEARTBEAT goes out when nothing else did for the interval. */
  #handleHeartbeatTimer(now: number, tcb: ControlBlock): void {
    if (this.#core.heartbeat.pending && this.#lifecycle.tooMany(++this.#core.missedHeartbeats)) {
      return;
    }
    if (tcb.sender.outstanding === 0) {
      const info = this.#core.heartbeat.begin(now);
      this.#core.pushControl(info.length + 8, (out) => writeHeartbeatChunk(info, out, 0));
    }
    this.#lifecycle.startHeartbeat(now);
  }

  /** Takes the oldest event, or `undefined`. */
  pollEvent(): SctpEvent | undefined {
    const event = this.#core.events.shift();
    if (event?.type === "message") {
      this.#messagesReceived++;
      this.#core.state.tcb?.receiver.handleRead();
    }
    return event;
  }

  /** Counters and gauges. */
  stats(): SctpStats {
    const { tcb } = this.#core.state;
    const sender = tcb?.sender;
    return {
      congestionWindow: sender?.congestion.cwnd ?? 0,
      receiverWindow: sender?.peerWindow ?? 0,
      localWindow: tcb?.receiver.window ?? 0,
      mtu: this.#core.mtu.current,
      unackData: sender?.outstanding ?? 0,
      bytesInFlight: sender?.flightBytes ?? 0,
      bufferedBytes: this.#core.queue.totalBytes,
      smoothedRoundTripTimeMs: sender?.rto.smoothedMs,
      rtoMs: sender?.rto.rtoMs ?? 0,
      packetsSent: this.#core.packetsSent,
      packetsReceived: this.#core.packetsReceived,
      messagesSent: this.#messagesSent,
      messagesReceived: this.#messagesReceived,
      retransmissions: sender?.retransmissions ?? 0,
      abandonedMessages: sender?.abandonedMessages ?? 0,
      zeroChecksum: tcb?.extensions.zeroChecksum ?? false,
      interleaving: tcb?.extensions.interleaving ?? false,
      drops: { ...this.#core.drops },
    };
  }

  /** Begins the handshake; both sides may (RFC 9260 §5.2.1). Without effect when it has begun. */
  connect(now: number): void {
    this.#lifecycle.connect(now);
  }

  /** Ends in order: what is queued is sent and acknowledged first (RFC 9260 §9.2). */
  shutdown(now: number): void {
    this.#lifecycle.shutdown(now);
  }

  /**
   * Takes one SCTP packet. The bytes are lent until the call returns.
   *
   * @param rows of `SCTP_COLUMNS` numbers, one of which describes this packet as
   *   {@linkcode parseSctpRow} does; without them, the packet is parsed here
   * @param row which one it is: 0 is the first
   */
  handleInput(now: number, packet: Uint8Array, rows?: Uint32Array, row = 0): void {
    this.#inbound.handleInput(now, packet, rows, row * SCTP_COLUMNS);
  }

  /**
   * Writes one packet at `out[at]`. Call until it writes nothing.
   *
   * @param limit bytes that may be written; {@linkcode SctpAssociation.maxTransmitBytes} at least, or
   *   larger packets wait
   * @returns the offset behind the packet, or `at` when nothing is to be sent
   */
  pollTransmit(now: number, out: Uint8Array, at: number, limit: number): number {
    return this.#outbound.pollTransmit(now, out, at, limit);
  }
}
