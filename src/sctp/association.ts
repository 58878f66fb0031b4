import { NEVER, randomBytes, randomU32, writeU32 } from "../base/mod.ts";
import type { AssociationState, ControlBlock, SctpState } from "./association_state.ts";
import {
  chunkEnd,
  ChunkType,
  padded,
  T_BIT,
  unknownChunkIsReported,
  unknownChunkStops,
} from "./chunk.ts";
import { ControlQueue } from "./control_queue.ts";
import { writeCookieAckChunk } from "./cookie_ack_chunk.ts";
import { writeCookieEchoChunk } from "./cookie_echo_chunk.ts";
import { DataFields, readDataChunk } from "./data_chunk.ts";
import {
  CauseCode,
  causeText,
  type ErrorCause,
  errorChunkBytes,
  invalidStreamCause,
  parseErrorCauses,
  quoteCause,
  textCause,
  writeErrorChunk,
} from "./error_chunk.ts";
import { SctpError } from "./errors.ts";
import { EventQueue, type SctpCloseReason, type SctpEvent } from "./events.ts";
import { type ForwardTsn, parseForwardTsn } from "./forward_tsn_chunk.ts";
import { Heartbeat } from "./heartbeat.ts";
import { writeHeartbeatAckChunk, writeHeartbeatChunk } from "./heartbeat_chunk.ts";
import { readIDataChunk } from "./i_data_chunk.ts";
import { parseIForwardTsn } from "./i_forward_tsn_chunk.ts";
import {
  INIT_BYTES,
  type InitChunk,
  parseInitChunk,
  type SctpExtensions,
  writeInitChunk,
} from "./init_chunk.ts";
import {
  checkOptions,
  HANDSHAKE_TIMEOUT_MS,
  HEARTBEAT_INTERVAL_MS,
  MIN_WINDOW_BYTES,
  RECEIVE_BUFFER_BYTES,
  type SctpOptions,
  SEND_BUFFER_BYTES,
  SHUTDOWN_TIMEOUT_MS,
  STREAMS,
} from "./options.ts";
import {
  checksumOf,
  COMMON_HEADER_BYTES,
  destinationPortOf,
  packetChecksum,
  sealPacket,
  sourcePortOf,
  verificationTagOf,
  writeCommonHeader,
} from "./packet.ts";
import { writePadChunk } from "./pad_chunk.ts";
import { PathMtu } from "./path_mtu.ts";
import { parseReConfig } from "./re_config_chunk.ts";
import { type DataVerdict, Receiver } from "./receiver.ts";
import { readSackChunk, SackFields } from "./sack_chunk.ts";
import { type SendOptions, SendQueue } from "./send_queue.ts";
import { MAX_BACKOFF_MS, Sender } from "./sender.ts";
import {
  parseShutdownChunk,
  writeShutdownAckChunk,
  writeShutdownChunk,
  writeShutdownCompleteChunk,
} from "./shutdown_chunk.ts";
import {
  COOKIE_LIFE_MS,
  COOKIE_SECRET_BYTES,
  decodeStateCookie,
  encodeStateCookie,
  resolveCookie,
  type StateCookie,
} from "./state_cookie.ts";
import { createDrops, type SctpDrops, type SctpStats } from "./stats.ts";
import { StreamReset } from "./stream_reset.ts";
import { createTimers, type SctpTimers } from "./timers.ts";

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

/** RFC 9260 §9.2: T5-shutdown-guard, five times RTO.Max. */
const SHUTDOWN_GUARD_MS = 300_000;

/** RFC 8899 §5.1.1: the probe timer is longer than a round trip, and at least this while none is known. */
const PROBE_TIMEOUT_MIN_MS = 100;

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
  readonly #options: SctpOptions;
  readonly #timers: SctpTimers = createTimers();
  readonly #events = new EventQueue();
  readonly #queue: SendQueue;
  readonly #control = new ControlQueue();
  readonly #mtu: PathMtu;
  readonly #heartbeat: Heartbeat;
  readonly #probe: Heartbeat;
  readonly #cookieSecret: Uint8Array;
  readonly #data = new DataFields();
  readonly #sack = new SackFields();
  readonly #drops: SctpDrops = createDrops();
  #state: AssociationState = { name: "closed", tcb: undefined, ended: false };
  /** INIT, COOKIE ECHO, SHUTDOWN or SHUTDOWN ACK, as the state has it, is to be written. */
  #stateChunkDue = false;
  /** Sendings of it. */
  #attempts = 0;
  #missedHeartbeats = 0;
  #shutdownBegan = 0;
  #packetsSent = 0;
  #packetsReceived = 0;
  #messagesSent = 0;
  #messagesReceived = 0;

  /**
   * Makes an association that does nothing until it is connected, or the peer connects.
   *
   * @throws {SctpError} `invalid-option`
   */
  constructor(options: SctpOptions) {
    checkOptions(options);
    this.#options = options;
    this.#queue = new SendQueue(this.#events, options.initialNumbers?.message ?? 0);
    this.#mtu = new PathMtu(options.maxPacketSize & ~3, this.#timers);
    this.#heartbeat = new Heartbeat(options.entropy);
    this.#probe = new Heartbeat(options.entropy);
    this.#cookieSecret = randomBytes(options.entropy, COOKIE_SECRET_BYTES);
  }

  /** Where the association is in its life (RFC 9260 §4). */
  get state(): SctpState {
    return this.#state.name;
  }

  /** The most bytes that {@linkcode SctpAssociation.pollTransmit} may want to write next. */
  get maxTransmitBytes(): number {
    return this.#mtu.largest;
  }

  /** Streams that we may send on: identifiers 0 … n − 1. 65535 until the peer has told less. */
  get outboundStreams(): number {
    return this.#state.tcb?.outboundStreams ?? STREAMS;
  }

  /** Streams that the peer may send on. */
  get inboundStreams(): number {
    return this.#state.tcb?.receiver.inboundStreams ?? STREAMS;
  }

  // ── Commands ────────────────────────────────────────────────────────────────────────────────────

  /** Begins the handshake; both sides may (RFC 9260 §5.2.1). Without effect when it has begun. */
  connect(now: number): void {
    if (this.#state.name !== "closed" || this.#state.ended) return;
    this.#state = {
      name: "cookie-wait",
      tcb: undefined,
      localTag: this.#newTag(),
      localTsn: this.#newTsn(),
    };
    this.#startT1(now);
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
    const limit = this.#options.remoteMaxMessageSize;
    if (limit > 0 && data.length > limit) return "too-large";
    const room = this.#options.sendBufferBytes ?? SEND_BUFFER_BYTES;
    if (this.#queue.totalBytes + data.length > room) return "buffer-full";
    const stream = this.#queue.open(streamId);
    if (stream.reset !== "none") return "closed";
    this.#queue.push(now, stream, ppid, data, options);
    this.#messagesSent++;
    return "ok";
  }

  get #takesMessages(): boolean {
    const { name } = this.#state;
    if (this.#state.name === "closed") return !this.#state.ended;
    return name === "established" || name === "cookie-wait" || name === "cookie-echoed";
  }

  /**
   * Resets streams that we send on (RFC 6525): what is queued goes first, nothing more is taken. Ends
   * in "outgoing-streams-reset" or "streams-reset-failed", and then they may be used anew.
   */
  resetStreams(_now: number, streamIds: readonly number[]): void {
    for (const streamId of streamIds) this.#queue.markForReset(streamId);
  }

  /** Bytes of messages on a stream that have not been sent for the first time. */
  bufferedAmount(streamId: number): number {
    return this.#queue.get(streamId)?.bufferedBytes ?? 0;
  }

  /** Sets the amount at which "buffered-amount-low" is told on the way down. */
  setBufferedAmountLowThreshold(streamId: number, bytes: number): void {
    this.#queue.open(streamId).lowThreshold = bytes;
  }

  /** Sets the weight of a stream: 128, 256, 512, 1024 in WebRTC (RFC 8831 §6.4). */
  setStreamPriority(streamId: number, priority: number): void {
    if (priority > 0) this.#queue.open(streamId).priority = priority;
  }

  /**
   * Names the largest SCTP packet that the host knows to pass unfragmented, bytes. Larger packets than
   * `maxPacketSize` are used only below this, and only after a probe of their size was answered.
   */
  setPathMtu(bytes: number): void {
    const before = this.#mtu.current;
    this.#mtu.setBound(bytes);
    if (this.#mtu.current !== before) this.#state.tcb?.sender.setMtu(this.#mtu.current);
    if (this.#state.name === "established") this.#mtu.search();
  }

  /** Ends in order: what is queued is sent and acknowledged first (RFC 9260 §9.2). */
  shutdown(now: number): void {
    const state = this.#state;
    if (state.name === "established") {
      this.#state = { name: "shutdown-pending", tcb: state.tcb };
      this.#shutdownBegan = now;
    } else if (state.tcb === undefined || state.name === "cookie-echoed") this.abort(now);
  }

  /** Ends at once: the peer gets an ABORT (RFC 9260 §9.1), the owner "closed" without a reason. */
  abort(_now: number): void {
    this.#abortWith([textCause(CauseCode.userInitiatedAbort, "")], undefined);
  }

  // ── Input ───────────────────────────────────────────────────────────────────────────────────────

  /** Takes one SCTP packet. The bytes are lent until the call returns. */
  handleInput(now: number, packet: Uint8Array): void {
    this.#packetsReceived++;
    if (packet.length < COMMON_HEADER_BYTES + 4) {
      this.#drops.malformed++;
      return;
    }
    if (
      sourcePortOf(packet) !== this.#options.remotePort ||
      destinationPortOf(packet) !== this.#options.localPort
    ) {
      this.#drops.malformed++;
      return;
    }
    if (!this.#checksumAccepted(packet)) {
      this.#drops.checksum++;
      return;
    }
    if (!this.#tagAccepted(packet)) return;
    this.#handleChunks(now, packet);
    const { tcb } = this.#state;
    if (tcb === undefined) return;
    tcb.receiver.handlePacketEnd(now, tcb.sender.rto.rtoMs);
    tcb.reset.handleProgress();
  }

  /**
   * RFC 9653 §5.3: zero is accepted when we have said so, except where the packet may make an
   * association.
   */
  #checksumAccepted(packet: Uint8Array): boolean {
    const stored = checksumOf(packet);
    const type = packet[COMMON_HEADER_BYTES]!;
    if (
      stored === 0 && this.#options.zeroChecksum === true &&
      type !== ChunkType.init && type !== ChunkType.cookieEcho
    ) return true;
    return stored === packetChecksum(packet, 0, packet.length);
  }

  /** RFC 9260 §8.4, §8.5. */
  #tagAccepted(packet: Uint8Array): boolean {
    const tag = verificationTagOf(packet);
    const type = packet[COMMON_HEADER_BYTES]!;
    const reflected = (packet[COMMON_HEADER_BYTES + 1]! & T_BIT) !== 0;
    const { tcb } = this.#state;
    switch (type) {
      case ChunkType.init:
        if (tag === 0) return true;
        this.#drops.tag++;
        return false;
      case ChunkType.cookieEcho:
        return true; // its tag is that of the cookie, checked there
      case ChunkType.abort:
      case ChunkType.shutdownComplete:
        if (reflected ? tcb !== undefined && tag === tcb.peerTag : tag === this.#localTag) {
          return true;
        }
        this.#drops.tag++;
        return false;
    }
    if (this.#localTag === undefined) return this.#handleOutOfTheBlue(tag, type);
    const early = this.#state.name === "cookie-wait" || this.#state.name === "cookie-echoed";
    if (type === ChunkType.shutdownAck && early) return this.#handleOutOfTheBlue(tag, type);
    if (tag === this.#localTag) return true;
    this.#drops.tag++;
    return false;
  }

  get #localTag(): number | undefined {
    const state = this.#state;
    return state.name === "cookie-wait" ? state.localTag : state.tcb?.localTag;
  }

  /** A packet that belongs to no association (RFC 9260 §8.4). */
  #handleOutOfTheBlue(tag: number, type: number): boolean {
    this.#drops.outOfTheBlue++;
    if (type === ChunkType.shutdownAck) {
      this.#reply(tag, 8, (out) => writeShutdownCompleteChunk(T_BIT, out, 0));
    } else if (type !== ChunkType.cookieAck && type !== ChunkType.error) {
      this.#reply(tag, 8, (out) => writeErrorChunk(ChunkType.abort, T_BIT, [], out, 0));
    }
    return false;
  }

  #handleChunks(now: number, packet: Uint8Array): void {
    for (let at = COMMON_HEADER_BYTES; at < packet.length;) {
      const end = chunkEnd(packet, at, packet.length);
      if (end < 0) {
        this.#drops.malformed++;
        return;
      }
      if (!this.#handleChunk(now, packet, at, end)) return;
      at += padded(end - at);
    }
  }

  /** Takes one chunk; `false`: the rest of the packet is not to be looked at. */
  #handleChunk(now: number, packet: Uint8Array, at: number, end: number): boolean {
    const type = packet[at]!;
    switch (type) {
      case ChunkType.init:
        this.#handleInit(now, packet, at, end);
        return false;
      case ChunkType.initAck:
        this.#handleInitAck(now, packet, at, end);
        return false;
      case ChunkType.cookieEcho:
        return this.#handleCookieEcho(now, packet, at, end);
      case ChunkType.abort:
        this.#handleAbort(packet, at, end);
        return false;
      case ChunkType.shutdownComplete:
        if (this.#state.name === "shutdown-ack-sent") this.#end(undefined);
        return false;
    }
    const { tcb } = this.#state;
    if (tcb === undefined) {
      this.#drops.chunk++;
      return false;
    }
    switch (type) {
      case ChunkType.data:
      case ChunkType.iData:
        return this.#handleData(now, tcb, packet, at, end);
      case ChunkType.sack:
        this.#handleSack(now, tcb, packet, at, end);
        return true;
      case ChunkType.heartbeat:
        this.#pushControl(
          end - at + 4,
          (out) => writeHeartbeatAckChunk(packet.subarray(at + 4, end), out, 0),
        );
        return true;
      case ChunkType.heartbeatAck:
        this.#handleHeartbeatAck(now, tcb, packet, at, end);
        return true;
      case ChunkType.forwardTsn:
      case ChunkType.iForwardTsn:
        this.#handleForwardTsn(tcb, packet, at, end);
        return true;
      case ChunkType.reConfig:
        this.#handleReConfig(now, tcb, packet, at, end);
        return true;
      case ChunkType.cookieAck:
        if (this.#state.name === "cookie-echoed") this.#establish(now, tcb);
        return true;
      case ChunkType.shutdown:
        this.#handleShutdown(now, tcb, packet, at, end);
        return true;
      case ChunkType.shutdownAck:
        this.#handleShutdownAck(tcb);
        return false;
      case ChunkType.error:
        this.#handleError(packet, at, end);
        return true;
      case ChunkType.pad:
        return true;
      default:
        if (unknownChunkIsReported(type)) {
          this.#report([quoteCause(CauseCode.unrecognizedChunkType, packet.subarray(at, end))]);
        }
        return !unknownChunkStops(type);
    }
  }

  // ── Handshake (RFC 9260 §5) ─────────────────────────────────────────────────────────────────────

  #handleInit(now: number, packet: Uint8Array, at: number, end: number): void {
    const init = parseInitChunk(packet, at, end);
    // RFC 9260 §3.3.2: a zero tag is dropped without a word; §3.3.2: INIT travels alone.
    if (init === undefined || init.initiateTag === 0 || at + padded(end - at) < packet.length) {
      this.#drops.chunk++;
      return;
    }
    const state = this.#state;
    if (state.name === "closed" && state.ended) {
      this.#drops.outOfTheBlue++;
      return;
    }
    if (!isAcceptable(init)) {
      this.#drops.chunk++;
      const cause = { code: CauseCode.invalidMandatoryParameter, info: new Uint8Array(0) };
      this.#reply(
        init.initiateTag,
        16,
        (out) => writeErrorChunk(ChunkType.abort, 0, [cause], out, 0),
      );
      return;
    }
    if (state.name === "shutdown-ack-sent") {
      this.#stateChunkDue = true; // RFC 9260 §9.2: our SHUTDOWN ACK was lost
      return;
    }
    this.#replyInitAck(now, init);
  }

  #replyInitAck(now: number, init: InitChunk): void {
    const state = this.#state;
    // RFC 9260 §5.2.1: while ours is under way, the same tag and TSN; §5.2.2: later, new ones.
    const same = state.name === "cookie-wait" || state.name === "cookie-echoed";
    const localTag = same ? this.#localTag! : this.#newTag();
    const localTsn = same ? state.localTsn : this.#newTsn();
    const cookie = encodeStateCookie(this.#cookieSecret, {
      issuedAt: now,
      localTag,
      peerTag: init.initiateTag,
      localTieTag: state.tcb?.localTag ?? 0,
      peerTieTag: state.tcb?.peerTag ?? 0,
      localTsn,
      peerTsn: init.initialTsn,
      peerWindow: init.advertisedWindow,
      peerOutboundStreams: init.outboundStreams,
      peerInboundStreams: init.inboundStreams,
      extensions: init.extensions,
    });
    const { unrecognized } = init;
    const ack = { ...this.#ownInit(localTag, localTsn), cookie, unrecognized };
    const room = INIT_BYTES + 256 + unrecognized!.reduce((sum, p) => sum + p.length + 8, 0);
    if (room > this.#mtu.current) return this.#replyInitAck(now, { ...init, unrecognized: [] });
    this.#reply(
      init.initiateTag,
      room,
      (out) => writeInitChunk(ChunkType.initAck, ack, out, 0),
    );
  }

  #ownInit(initiateTag: number, initialTsn: number): InitChunk {
    return {
      initiateTag,
      initialTsn,
      advertisedWindow: this.#options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES,
      outboundStreams: STREAMS,
      inboundStreams: STREAMS,
      extensions: this.#ownExtensions,
    };
  }

  get #ownExtensions(): SctpExtensions {
    return {
      partialReliability: true,
      reConfig: true,
      interleaving: this.#options.interleaving ?? true,
      zeroChecksum: this.#options.zeroChecksum ?? false,
    };
  }

  #handleInitAck(now: number, packet: Uint8Array, at: number, end: number): void {
    const state = this.#state;
    const init = parseInitChunk(packet, at, end);
    // RFC 9260 §5.2.3: in any other state it is an old or duplicated one.
    if (state.name !== "cookie-wait" || init === undefined || init.initiateTag === 0) {
      this.#drops.chunk++;
      return;
    }
    if (!isAcceptable(init) || init.cookie === undefined) {
      this.#drops.chunk++;
      const code = isAcceptable(init)
        ? CauseCode.missingMandatoryParameter
        : CauseCode.invalidMandatoryParameter;
      const message = "the peer's INIT ACK lacks what RFC 9260 §3.3.3 asks for";
      this.#reply(
        init.initiateTag,
        64,
        (out) => writeErrorChunk(ChunkType.abort, 0, [{ code, info: missingCookieInfo() }], out, 0),
      );
      return this.#end({ message, sctpCause: code });
    }
    const tcb = this.#createControlBlock({
      localTag: state.localTag,
      localTsn: state.localTsn,
      peerTag: init.initiateTag,
      peerTsn: init.initialTsn,
      peerWindow: init.advertisedWindow,
      peerOutboundStreams: init.outboundStreams,
      peerInboundStreams: init.inboundStreams,
      extensions: init.extensions,
    });
    const cookie = init.cookie.slice();
    this.#state = { name: "cookie-echoed", tcb, localTsn: state.localTsn, cookie };
    for (const bytes of init.unrecognized ?? []) {
      this.#report([quoteCause(CauseCode.unrecognizedParameters, bytes)]);
    }
    this.#startT1(now);
  }

  /** RFC 9260 §5.1.5, §5.2.4; `false`: what follows in the packet is not to be trusted. */
  #handleCookieEcho(now: number, packet: Uint8Array, at: number, end: number): boolean {
    const cookie = decodeStateCookie(this.#cookieSecret, packet.subarray(at + 4, end));
    const state = this.#state;
    const refused = state.name === "closed" && state.ended;
    if (cookie === undefined || refused || verificationTagOf(packet) !== cookie.localTag) {
      this.#drops.cookie++;
      return false;
    }
    const tcb = state.tcb;
    const action = tcb === undefined
      ? (state.name === "cookie-wait" && cookie.localTag !== state.localTag ? "discard" : "new")
      : resolveCookie(tcb.localTag, tcb.peerTag, cookie);
    const age = now - cookie.issuedAt;
    if (action !== "duplicate" && age > COOKIE_LIFE_MS) {
      this.#drops.cookie++;
      this.#reply(
        cookie.peerTag,
        16,
        (out) => writeErrorChunk(ChunkType.error, 0, [staleCookieCause(age)], out, 0),
      );
      return false;
    }
    switch (action) {
      case "discard":
        this.#drops.cookie++;
        return false;
      case "duplicate":
        if (state.name === "cookie-echoed") this.#establish(now, tcb!);
        break;
      case "restart":
        if (!this.#restart(now, cookie)) return false;
        break;
      case "collision":
        // RFC 9260 §5.2.4 B. Once data may have flowed, only the tag is new.
        if (state.name === "cookie-echoed") this.#establish(now, this.#createControlBlock(cookie));
        else tcb!.peerTag = cookie.peerTag;
        break;
      case "new":
        this.#establish(now, this.#createControlBlock(cookie));
    }
    this.#pushControl(4, (out) => writeCookieAckChunk(out, 0));
    return true;
  }

  /** RFC 9260 §5.2.4 A: the peer has lost its state and begins anew. */
  #restart(now: number, cookie: StateCookie): boolean {
    if (this.#state.name === "shutdown-ack-sent") {
      this.#stateChunkDue = true;
      this.#report([{ code: CauseCode.cookieReceivedWhileShuttingDown, info: new Uint8Array(0) }]);
      return false;
    }
    this.#timers.clearAll();
    this.#control.clear();
    this.#queue.restart();
    this.#state = { name: "established", tcb: this.#createControlBlock(cookie) };
    this.#startHeartbeat(now);
    this.#events.push({ type: "restarted" });
    return true;
  }

  #createControlBlock(
    peer: Omit<StateCookie, "issuedAt" | "localTieTag" | "peerTieTag">,
  ): ControlBlock {
    const own = this.#ownExtensions;
    const extensions = {
      partialReliability: peer.extensions.partialReliability,
      reConfig: peer.extensions.reConfig,
      interleaving: own.interleaving && peer.extensions.interleaving,
      zeroChecksum: own.zeroChecksum && peer.extensions.zeroChecksum,
    };
    const { interleaving } = extensions;
    const sender = new Sender(
      {
        initialTsn: peer.localTsn,
        peerWindow: peer.peerWindow,
        interleaving,
        partialReliability: extensions.partialReliability,
        mtu: this.#mtu.current,
      },
      this.#queue,
      this.#timers,
    );
    const { maxMessageSize, receiveBufferBytes, initialNumbers } = this.#options;
    const first = initialNumbers?.message ?? 0;
    const receiver = new Receiver(
      {
        initialTsn: peer.peerTsn,
        interleaving,
        inboundStreams: Math.min(peer.peerOutboundStreams, STREAMS),
        maxMessageSize: maxMessageSize > 0 ? maxMessageSize : Infinity,
        bufferBytes: receiveBufferBytes ?? RECEIVE_BUFFER_BYTES,
        firstNumber: interleaving ? first : first & 0xffff,
      },
      this.#events,
      this.#timers,
    );
    const reset = new StreamReset(
      peer.localTsn,
      peer.peerTsn,
      extensions.reConfig,
      this.#queue,
      sender,
      receiver,
      this.#events,
      this.#timers,
    );
    return {
      localTag: peer.localTag,
      peerTag: peer.peerTag,
      outboundStreams: Math.min(peer.peerInboundStreams, STREAMS),
      extensions,
      sender,
      receiver,
      reset,
    };
  }

  #establish(now: number, tcb: ControlBlock): void {
    this.#timers.clear("t1");
    this.#stateChunkDue = false;
    this.#attempts = 0;
    this.#state = { name: "established", tcb };
    this.#startHeartbeat(now);
    this.#mtu.search();
    this.#events.push({ type: "connected" });
  }

  #startT1(now: number): void {
    this.#stateChunkDue = true;
    this.#attempts = 0;
    this.#timers.set("t1", now + HANDSHAKE_TIMEOUT_MS);
  }

  #newTag(): number {
    // RFC 9260 §5.3.1: 1 … 2³² − 1.
    return randomU32(this.#options.entropy) || 1;
  }

  #newTsn(): number {
    return this.#options.initialNumbers?.tsn ?? randomU32(this.#options.entropy);
  }

  // ── Data ────────────────────────────────────────────────────────────────────────────────────────

  #handleData(
    now: number,
    tcb: ControlBlock,
    packet: Uint8Array,
    at: number,
    end: number,
  ): boolean {
    const { name } = this.#state;
    const fields = this.#data;
    const interleaved = packet[at] === ChunkType.iData;
    const read = interleaved
      ? readIDataChunk(packet, at, end, fields)
      : readDataChunk(packet, at, end, fields);
    const expected = name === "established" || name === "shutdown-pending" ||
      name === "shutdown-sent";
    if (!read || !expected || interleaved !== tcb.extensions.interleaving) {
      // RFC 8260 §2.2.1: DATA and I-DATA are not mixed.
      if (read && expected) {
        this.#violation("DATA and I-DATA in one association");
        return false;
      }
      this.#drops.chunk++;
      return true;
    }
    if (fields.dataAt === fields.dataEnd) {
      // RFC 9260 §6.2.
      const tsn = quoteCause(CauseCode.noUserData, packet.subarray(at + 4, at + 8));
      this.#abortWith([tsn], { message: "DATA without user data", sctpCause: tsn.code });
      return false;
    }
    const verdict = tcb.receiver.handleData(fields, packet);
    // RFC 9260 §9.2: in SHUTDOWN-SENT, data is answered with SACK and SHUTDOWN.
    if (name === "shutdown-sent") {
      tcb.receiver.sackDue = this.#stateChunkDue = true;
      this.#timers.set("t2", now + SHUTDOWN_TIMEOUT_MS);
    }
    return verdict === "taken" || this.#handleRefusal(verdict, fields.streamId);
  }

  #handleRefusal(verdict: DataVerdict, streamId: number): boolean {
    switch (verdict) {
      case "duplicate":
        this.#drops.duplicate++;
        return true;
      case "invalid-stream":
        this.#drops.chunk++;
        this.#report([invalidStreamCause(streamId)]);
        return true;
      case "too-large":
        this.#violation("a message is larger than max-message-size");
        return false;
      case "out-of-memory": {
        const code = CauseCode.outOfResource;
        const message = "the peer filled the receive buffer with incomplete messages";
        this.#abortWith([{ code, info: new Uint8Array(0) }], { message, sctpCause: code });
        return false;
      }
      default:
        this.#drops.window++;
        return true;
    }
  }

  #handleSack(now: number, tcb: ControlBlock, packet: Uint8Array, at: number, end: number): void {
    const { sender } = tcb;
    if (!readSackChunk(packet, at, end, this.#sack)) {
      this.#drops.chunk++;
      return;
    }
    const before = sender.implausibleSacks;
    if (sender.handleSack(now, packet, this.#sack)) this.#missedHeartbeats = 0;
    this.#drops.sack += sender.implausibleSacks - before;
  }

  #handleForwardTsn(tcb: ControlBlock, packet: Uint8Array, at: number, end: number): void {
    const interleaved = packet[at] === ChunkType.iForwardTsn;
    let forward: ForwardTsn | undefined;
    if (interleaved === tcb.extensions.interleaving) {
      forward = interleaved ? parseIForwardTsn(packet, at, end) : parseForwardTsn(packet, at, end);
    }
    // RFC 3758 §3.6 accepts any distance; streams that do not exist are not made up.
    const inbound = tcb.receiver.inboundStreams;
    if (forward === undefined || forward.skipped.some(({ streamId }) => streamId >= inbound)) {
      this.#drops.chunk++;
      return;
    }
    tcb.receiver.handleForwardTsn(forward);
  }

  #handleReConfig(
    now: number,
    tcb: ControlBlock,
    packet: Uint8Array,
    at: number,
    end: number,
  ): void {
    const parameters = parseReConfig(packet, at, end);
    if (parameters === undefined || this.#state.name === "cookie-echoed") {
      this.#drops.chunk++;
      return;
    }
    const answer = tcb.reset.handleReConfig(now, parameters);
    if (answer.length > 0) this.#control.push(answer);
  }

  #handleHeartbeatAck(
    now: number,
    tcb: ControlBlock,
    packet: Uint8Array,
    at: number,
    end: number,
  ): void {
    const rtt = this.#heartbeat.handleAck(now, packet, at, end);
    if (rtt >= 0) {
      this.#missedHeartbeats = 0;
      tcb.sender.rto.observe(rtt);
    } else if (this.#probe.handleAck(now, packet, at, end) >= 0) {
      tcb.sender.setMtu(this.#mtu.handleProbeAcked(now));
    } else this.#drops.chunk++;
  }

  // ── The end (RFC 9260 §9) ───────────────────────────────────────────────────────────────────────

  #handleAbort(packet: Uint8Array, at: number, end: number): void {
    const [cause] = parseErrorCauses(packet, at, end);
    const text = cause === undefined ? "" : causeText(cause);
    const message = text === "" ? "the peer aborted the association" : `the peer aborted: ${text}`;
    this.#end(cause === undefined ? { message } : { message, sctpCause: cause.code });
  }

  #handleError(packet: Uint8Array, at: number, end: number): void {
    for (const cause of parseErrorCauses(packet, at, end)) {
      const stale = cause.code === CauseCode.staleCookie && this.#state.name === "cookie-echoed";
      if (stale) {
        // RFC 9260 §5.2.6: begin again; the next cookie is fresh.
        this.#state = { name: "closed", tcb: undefined, ended: false };
        this.#stateChunkDue = true;
        this.#timers.set("t1", 0);
        return;
      }
      const message = causeText(cause) || `the peer reported cause ${cause.code}`;
      this.#events.push({ type: "error", sctpCause: cause.code, message });
    }
  }

  #handleShutdown(
    now: number,
    tcb: ControlBlock,
    packet: Uint8Array,
    at: number,
    end: number,
  ): void {
    const cumulativeTsn = parseShutdownChunk(packet, at, end);
    if (cumulativeTsn === undefined) {
      this.#drops.chunk++;
      return;
    }
    tcb.sender.handleCumulativeAck(now, packet, cumulativeTsn);
    switch (this.#state.name) {
      case "established":
      case "shutdown-pending":
        this.#state = { name: "shutdown-received", tcb };
        this.#shutdownBegan = now;
        return;
      case "shutdown-sent":
        this.#startT2(now, { name: "shutdown-ack-sent", tcb });
        return;
      case "shutdown-ack-sent":
        this.#stateChunkDue = true;
    }
  }

  #handleShutdownAck(tcb: ControlBlock): void {
    const { name } = this.#state;
    if (name !== "shutdown-sent" && name !== "shutdown-ack-sent") return;
    this.#reply(tcb.peerTag, 4, (out) => writeShutdownCompleteChunk(0, out, 0));
    this.#end(undefined);
  }

  /** When nothing is left to send or to be acknowledged, SHUTDOWN or SHUTDOWN ACK is due. */
  #progressShutdown(now: number, tcb: ControlBlock): void {
    const { name } = this.#state;
    if (this.#queue.totalBytes > 0 || tcb.sender.outstanding > 0) return;
    if (name === "shutdown-pending") this.#startT2(now, { name: "shutdown-sent", tcb });
    else if (name === "shutdown-received") this.#startT2(now, { name: "shutdown-ack-sent", tcb });
  }

  #startT2(now: number, state: AssociationState): void {
    this.#state = state;
    this.#stateChunkDue = true;
    this.#attempts = 0;
    this.#timers.set("t2", now + SHUTDOWN_TIMEOUT_MS);
  }

  #violation(message: string): void {
    const cause = textCause(CauseCode.protocolViolation, message);
    this.#abortWith([cause], { message: `protocol violation: ${message}`, sctpCause: cause.code });
  }

  #abortWith(causes: readonly ErrorCause[], reason: SctpCloseReason | undefined): void {
    const { tcb } = this.#state;
    if (tcb !== undefined) {
      this.#reply(
        tcb.peerTag,
        errorChunkBytes(causes),
        (out) => writeErrorChunk(ChunkType.abort, 0, causes, out, 0),
      );
    }
    this.#end(reason);
  }

  #end(reason: SctpCloseReason | undefined): void {
    if (this.#state.name === "closed" && this.#state.ended) return;
    this.#state = { name: "closed", tcb: undefined, ended: true };
    this.#timers.clearAll();
    this.#control.clear();
    this.#queue.clear();
    this.#stateChunkDue = false;
    this.#events.push(reason === undefined ? { type: "closed" } : { type: "closed", reason });
  }

  // ── Time ────────────────────────────────────────────────────────────────────────────────────────

  /** When {@linkcode SctpAssociation.handleTimeout} is to be called, or `NEVER`. */
  pollTimeout(): number {
    return this.#timers.next();
  }

  /** Acts on what is due at `now`; harmless when nothing is. */
  handleTimeout(now: number): void {
    const timers = this.#timers;
    if (timers.next() > now) return;
    if (timers.expire("t1", now)) this.#handleT1(now);
    if (timers.expire("t2", now)) this.#handleT2(now);
    const { tcb } = this.#state;
    if (tcb === undefined) return;
    if (timers.expire("t3", now)) this.#handleT3(now, tcb);
    if (timers.expire("sack", now)) tcb.receiver.sackDue = true;
    if (timers.expire("reconfig", now)) tcb.reset.handleTimeout();
    if (timers.expire("probe", now)) this.#mtu.handleTimeout(now);
    if (timers.expire("heartbeat", now)) this.#handleHeartbeatTimer(now, tcb);
  }

  #handleT1(now: number): void {
    if (this.#state.name === "closed") return this.connect(now);
    this.#repeatStateChunk(now, "t1", HANDSHAKE_TIMEOUT_MS);
  }

  #handleT2(now: number): void {
    if (now - this.#shutdownBegan > SHUTDOWN_GUARD_MS) {
      return this.#abortWith([], { message: "the peer did not answer the shutdown" });
    }
    this.#repeatStateChunk(now, "t2", SHUTDOWN_TIMEOUT_MS);
  }

  #repeatStateChunk(now: number, timer: "t1" | "t2", firstMs: number): void {
    this.#attempts++;
    if (this.#tooMany(this.#attempts)) return;
    this.#stateChunkDue = true;
    this.#timers.set(timer, now + Math.min(firstMs * 2 ** this.#attempts, MAX_BACKOFF_MS));
  }

  #handleT3(now: number, tcb: ControlBlock): void {
    const { sender } = tcb;
    sender.handleTimeout(now);
    if (this.#tooMany(sender.timeouts + this.#missedHeartbeats)) return;
    if (this.#mtu.handleDataTimeouts(now, sender.timeouts)) sender.setMtu(this.#mtu.current);
  }

  /** RFC 9260 §8.3: a HEARTBEAT goes out when nothing else did for the interval. */
  #handleHeartbeatTimer(now: number, tcb: ControlBlock): void {
    if (this.#heartbeat.pending && this.#tooMany(++this.#missedHeartbeats)) return;
    if (tcb.sender.outstanding === 0) {
      const info = this.#heartbeat.begin(now);
      this.#pushControl(info.length + 8, (out) => writeHeartbeatChunk(info, out, 0));
    }
    this.#startHeartbeat(now);
  }

  #startHeartbeat(now: number): void {
    const interval = this.#options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS;
    const rto = this.#state.tcb?.sender.rto.rtoMs ?? 0;
    this.#timers.set("heartbeat", now + interval + rto);
  }

  /** RFC 9260 §8.1: the peer is taken for unreachable. */
  #tooMany(timeouts: number): boolean {
    if (timeouts <= (this.#options.maxRetransmissions ?? NEVER)) return false;
    this.#abortWith([], { message: "the peer does not answer" });
    return true;
  }

  // ── Output ──────────────────────────────────────────────────────────────────────────────────────

  /** Takes the oldest event, or `undefined`. */
  pollEvent(): SctpEvent | undefined {
    const event = this.#events.shift();
    if (event?.type === "message") {
      this.#messagesReceived++;
      this.#state.tcb?.receiver.handleRead();
    }
    return event;
  }

  /**
   * Writes one packet at `out[at]`. Call until it writes nothing.
   *
   * @param limit bytes that may be written; {@linkcode SctpAssociation.maxTransmitBytes} at least, or
   *   larger packets wait
   * @returns the offset behind the packet, or `at` when nothing is to be sent
   */
  pollTransmit(now: number, out: Uint8Array, at: number, limit: number): number {
    const reply = this.#control.shiftReply();
    if (reply !== undefined) return this.#writeAlone(reply.tag, reply.chunk, out, at, limit);
    const state = this.#state;
    if (state.name === "closed") return at;
    if (state.name === "cookie-wait") {
      return this.#writeInit(state.localTag, state.localTsn, out, at);
    }
    const probe = this.#mtu.probeDue;
    if (probe > 0 && probe <= limit && state.name === "established") {
      return this.#writeProbe(now, state.tcb, probe, out, at);
    }
    return this.#writePacket(now, state.tcb, out, at, limit);
  }

  #writePacket(now: number, tcb: ControlBlock, out: Uint8Array, at: number, limit: number): number {
    const end = at + (Math.min(limit, this.#mtu.current) & ~3);
    const first = this.#writeHeader(tcb.peerTag, out, at);
    let p = first;
    if (this.#state.name === "cookie-echoed") {
      if (!this.#stateChunkDue) return at;
      this.#stateChunkDue = false;
      p = writeCookieEchoChunk(this.#state.cookie, out, p);
      p = this.#writeControl(out, p, end, end);
      return this.#finish(out, at, p, true);
    }
    p = this.#writeControl(out, p, end, at + limit);
    p = this.#writeData(now, tcb, out, p, end, first, at + limit);
    this.#progressShutdown(now, tcb);
    if (this.#stateChunkDue && end - p >= 8) p = this.#writeShutdown(tcb, out, p);
    return p === first ? at : this.#finish(out, at, p, !tcb.extensions.zeroChecksum);
  }

  #writeData(
    now: number,
    tcb: ControlBlock,
    out: Uint8Array,
    p: number,
    end: number,
    first: number,
    limit: number,
  ): number {
    const { sender, receiver, reset } = tcb;
    if (reset.requestDue()) p = reset.writeRequest(now, out, p, end);
    const data = sender.hasDataToSend(now);
    if ((receiver.sackDue || (data && receiver.sackPending)) && end - p >= 16) {
      p = receiver.writeSack(out, p, end);
    }
    if (sender.forwardTsnDue(now)) p = sender.writeForwardTsn(now, out, p, end);
    return data ? sender.writeData(now, out, p, end, p === first ? limit : 0) : p;
  }

  #writeControl(out: Uint8Array, p: number, end: number, limit: number): number {
    const start = p;
    for (let chunk = this.#control.next; chunk !== undefined; chunk = this.#control.next) {
      // The echo of a large HEARTBEAT goes alone, or, where it does not fit at all, not.
      const fits = chunk.length <= end - p || (p === start && chunk.length <= limit - p);
      if (!fits && p > start) break;
      this.#control.shift();
      if (!fits) continue;
      out.set(chunk, p);
      p += chunk.length;
    }
    return p;
  }

  #writeShutdown(tcb: ControlBlock, out: Uint8Array, p: number): number {
    this.#stateChunkDue = false;
    return this.#state.name === "shutdown-sent"
      ? writeShutdownChunk(tcb.receiver.cumulativeTsn, out, p)
      : writeShutdownAckChunk(out, p);
  }

  #writeInit(localTag: number, localTsn: number, out: Uint8Array, at: number): number {
    if (!this.#stateChunkDue) return at;
    this.#stateChunkDue = false;
    const p = this.#writeHeader(0, out, at);
    const init = this.#ownInit(localTag, localTsn);
    return this.#finish(out, at, writeInitChunk(ChunkType.init, init, out, p), true);
  }

  /** RFC 8899 §6.2.1.2: HEARTBEAT and PAD, no data. */
  #writeProbe(now: number, tcb: ControlBlock, size: number, out: Uint8Array, at: number): number {
    let p = this.#writeHeader(tcb.peerTag, out, at);
    p = writeHeartbeatChunk(this.#probe.begin(now), out, p);
    p = writePadChunk(at + size - p, out, p);
    const { rto } = tcb.sender;
    const timeout = rto.smoothedMs === undefined ? rto.rtoMs : 3 * rto.smoothedMs;
    this.#mtu.handleProbeSent(now, Math.max(timeout, PROBE_TIMEOUT_MIN_MS));
    return this.#finish(out, at, p, !tcb.extensions.zeroChecksum);
  }

  #writeAlone(tag: number, chunk: Uint8Array, out: Uint8Array, at: number, limit: number): number {
    if (COMMON_HEADER_BYTES + chunk.length > limit) return at;
    const p = this.#writeHeader(tag, out, at);
    out.set(chunk, p);
    return this.#finish(out, at, p + chunk.length, true);
  }

  #writeHeader(tag: number, out: Uint8Array, at: number): number {
    return writeCommonHeader(out, at, this.#options.localPort, this.#options.remotePort, tag);
  }

  #finish(out: Uint8Array, at: number, end: number, checksum: boolean): number {
    if (checksum) sealPacket(out, at, end);
    this.#packetsSent++;
    return end;
  }

  #pushControl(bytes: number, write: (out: Uint8Array) => number): void {
    const out = new Uint8Array(padded(bytes));
    this.#control.push(out.subarray(0, write(out)));
  }

  #reply(tag: number, bytes: number, write: (out: Uint8Array) => number): void {
    const out = new Uint8Array(padded(bytes));
    this.#control.pushReply(tag, out.subarray(0, write(out)));
  }

  #report(causes: readonly ErrorCause[]): void {
    this.#pushControl(
      errorChunkBytes(causes),
      (out) => writeErrorChunk(ChunkType.error, 0, causes, out, 0),
    );
  }

  /** Counters and gauges. */
  stats(): SctpStats {
    const { tcb } = this.#state;
    const sender = tcb?.sender;
    return {
      congestionWindow: sender?.congestion.cwnd ?? 0,
      receiverWindow: sender?.peerWindow ?? 0,
      localWindow: tcb?.receiver.window ?? 0,
      mtu: this.#mtu.current,
      unackData: sender?.outstanding ?? 0,
      bytesInFlight: sender?.flightBytes ?? 0,
      bufferedBytes: this.#queue.totalBytes,
      smoothedRoundTripTimeMs: sender?.rto.smoothedMs,
      rtoMs: sender?.rto.rtoMs ?? 0,
      packetsSent: this.#packetsSent,
      packetsReceived: this.#packetsReceived,
      messagesSent: this.#messagesSent,
      messagesReceived: this.#messagesReceived,
      retransmissions: sender?.retransmissions ?? 0,
      abandonedMessages: sender?.abandonedMessages ?? 0,
      zeroChecksum: tcb?.extensions.zeroChecksum ?? false,
      interleaving: tcb?.extensions.interleaving ?? false,
      drops: { ...this.#drops },
    };
  }
}

/** RFC 9260 §3.3.2: neither streams nor window may be missing. */
function isAcceptable(init: InitChunk): boolean {
  return init.outboundStreams > 0 && init.inboundStreams > 0 &&
    init.advertisedWindow >= MIN_WINDOW_BYTES;
}

/** "Missing Mandatory Parameter" with one type, the State Cookie (RFC 9260 §3.3.10.2). */
function missingCookieInfo(): Uint8Array {
  return new Uint8Array([0, 0, 0, 1, 0, 7]);
}

/** "Stale Cookie" with the staleness in microseconds (RFC 9260 §3.3.10.3). */
function staleCookieCause(ageMs: number): ErrorCause {
  const staleness = Math.min(0xffff_ffff, 1000 * (ageMs - COOKIE_LIFE_MS));
  const info = new Uint8Array(4);
  writeU32(info, 0, Math.floor(staleness));
  return { code: CauseCode.staleCookie, info };
}
