import type { ControlBlock } from "./association_state.ts";
import {
  chunkEnd,
  ChunkType,
  padded,
  T_BIT,
  unknownChunkIsReported,
  unknownChunkStops,
} from "./chunk.ts";
import type { Core } from "./core.ts";
import { DataFields, readDataChunk } from "./data_chunk.ts";
import { CauseCode, invalidStreamCause, quoteCause, writeErrorChunk } from "./error_chunk.ts";
import { type ForwardTsn, parseForwardTsn } from "./forward_tsn_chunk.ts";
import type { Handshake } from "./handshake.ts";
import { writeHeartbeatAckChunk } from "./heartbeat_chunk.ts";
import { readIDataChunk } from "./i_data_chunk.ts";
import { parseIForwardTsn } from "./i_forward_tsn_chunk.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { SHUTDOWN_TIMEOUT_MS } from "./options.ts";
import { COMMON_HEADER_BYTES, packetChecksum } from "./packet.ts";
import { parseReConfig } from "./re_config_chunk.ts";
import type { DataVerdict } from "./receiver.ts";
import { readSackChunk, SackFields } from "./sack_chunk.ts";
import {
  parseSctpRow,
  SCTP_CHECKSUM,
  SCTP_CHECKSUM_RIGHT,
  SCTP_CHECKSUM_ZERO,
  SCTP_CHUNK_COUNT,
  SCTP_CHUNKS,
  SCTP_COLUMNS,
  SCTP_MAX_CHUNKS,
  SCTP_NONE,
  SCTP_PORTS,
  SCTP_STATUS,
  SCTP_TAG,
  SCTP_WHOLE,
} from "./sctp_row.ts";
import { writeShutdownCompleteChunk } from "./shutdown_chunk.ts";

/** Reads packets: checks each (RFC 9260 §6.8, §8.4, §8.5) and takes its chunks in order. */
export class Inbound {
  readonly #core: Core;
  readonly #lifecycle: Lifecycle;
  readonly #handshake: Handshake;
  readonly #data: DataFields = new DataFields();
  readonly #sack: SackFields = new SackFields();
  /** Both ports as a packet for us has them. */
  readonly #ports: number;
  /** Of packets that nobody has parsed. */
  readonly #ownRow: Uint32Array = new Uint32Array(SCTP_COLUMNS);

  /** @param core what the parts share */
  constructor(core: Core, lifecycle: Lifecycle, handshake: Handshake) {
    this.#core = core;
    this.#lifecycle = lifecycle;
    this.#handshake = handshake;
    this.#ports = ((core.options.remotePort << 16) | core.options.localPort) >>> 0;
  }

  /**
   * Takes one packet. The bytes are lent until the call returns.
   *
   * @param given rows, if the packet was parsed already
   * @param row index of its row's first number in `given`
   */
  handleInput(now: number, packet: Uint8Array, given: Uint32Array | undefined, row: number): void {
    this.#core.packetsReceived++;
    const rows = given ?? this.#ownRow;
    if (given === undefined) parseSctpRow(packet, 0, rows, row = 0);
    if (rows[row + SCTP_STATUS] === SCTP_NONE || rows[row + SCTP_PORTS] !== this.#ports) {
      this.#core.drops.malformed++;
      return;
    }
    if (!this.#checksumAccepted(packet, rows[row + SCTP_CHECKSUM]!)) {
      this.#core.drops.checksum++;
      return;
    }
    if (!this.#tagAccepted(packet, rows[row + SCTP_TAG]!)) return;
    this.#handleChunks(now, packet, rows, row);
    const { tcb } = this.#core.state;
    if (tcb === undefined) return;
    tcb.receiver.handlePacketEnd(now, tcb.sender.rto.rtoMs);
    tcb.reset.handleProgress();
  }

  /**
   * RFC 9653 §5.3: zero is accepted when we have said so, except where the packet may make an
   * association. It may also happen to be right.
   */
  #checksumAccepted(packet: Uint8Array, state: number): boolean {
    if (state !== SCTP_CHECKSUM_ZERO) return state === SCTP_CHECKSUM_RIGHT;
    const type = packet[COMMON_HEADER_BYTES]!;
    const allowed = this.#core.options.zeroChecksum === true &&
      type !== ChunkType.init && type !== ChunkType.cookieEcho;
    return allowed || packetChecksum(packet, 0, packet.length) === 0;
  }

  /** RFC 9260 §8.4, §8.5. */
  #tagAccepted(packet: Uint8Array, tag: number): boolean {
    const type = packet[COMMON_HEADER_BYTES]!;
    const reflected = (packet[COMMON_HEADER_BYTES + 1]! & T_BIT) !== 0;
    const { tcb } = this.#core.state;
    switch (type) {
      case ChunkType.init:
        if (tag === 0) return true;
        this.#core.drops.tag++;
        return false;
      case ChunkType.cookieEcho:
        return true; // its tag is that of the cookie, checked there
      case ChunkType.abort:
      case ChunkType.shutdownComplete:
        if (reflected ? tcb !== undefined && tag === tcb.peerTag : tag === this.#core.localTag) {
          return true;
        }
        this.#core.drops.tag++;
        return false;
    }
    if (this.#core.localTag === undefined) return this.#handleOutOfTheBlue(tag, type);
    const early = this.#core.state.name === "cookie-wait" ||
      this.#core.state.name === "cookie-echoed";
    if (type === ChunkType.shutdownAck && early) return this.#handleOutOfTheBlue(tag, type);
    if (tag === this.#core.localTag) return true;
    this.#core.drops.tag++;
    return false;
  }

  /** A packet that belongs to no association (RFC 9260 §8.4). */
  #handleOutOfTheBlue(tag: number, type: number): boolean {
    this.#core.drops.outOfTheBlue++;
    if (type === ChunkType.shutdownAck) {
      this.#core.reply(tag, 8, (out) => writeShutdownCompleteChunk(T_BIT, out, 0));
    } else if (type !== ChunkType.cookieAck && type !== ChunkType.error) {
      this.#core.reply(tag, 8, (out) => writeErrorChunk(ChunkType.abort, T_BIT, [], out, 0));
    }
    return false;
  }

  #handleChunks(now: number, packet: Uint8Array, rows: Uint32Array, row: number): void {
    const count = rows[row + SCTP_CHUNK_COUNT]!;
    const listed = Math.min(count, SCTP_MAX_CHUNKS);
    let at = COMMON_HEADER_BYTES;
    for (let i = 0, column = row + SCTP_CHUNKS; i < listed; i++) {
      const length = rows[column++]! & 0xffff;
      at = rows[column++]!;
      if (!this.#handleChunk(now, packet, at, at + length)) return;
      at += padded(length);
    }
    for (let i = listed; i < count; i++) {
      const end = chunkEnd(packet, at, packet.length);
      if (!this.#handleChunk(now, packet, at, end)) return;
      at += padded(end - at);
    }
    if (rows[row + SCTP_STATUS] !== SCTP_WHOLE) this.#core.drops.malformed++;
  }

  /** Takes one chunk; `false`: the rest of the packet is not to be looked at. */
  #handleChunk(now: number, packet: Uint8Array, at: number, end: number): boolean {
    const type = packet[at]!;
    if (at > COMMON_HEADER_BYTES && travelsFirst(type)) {
      this.#core.drops.chunk++;
      return false;
    }
    switch (type) {
      case ChunkType.init:
        this.#handshake.handleInit(now, packet, at, end);
        return false;
      case ChunkType.initAck:
        this.#handshake.handleInitAck(now, packet, at, end);
        return false;
      case ChunkType.cookieEcho:
        return this.#handshake.handleCookieEcho(now, packet, at, end);
      case ChunkType.abort:
        this.#lifecycle.handleAbort(packet, at, end);
        return false;
      case ChunkType.shutdownComplete:
        if (this.#core.state.name === "shutdown-ack-sent") this.#lifecycle.end(undefined);
        return false;
    }
    const { tcb } = this.#core.state;
    if (tcb === undefined) {
      this.#core.drops.chunk++;
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
        this.#core.pushControl(
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
        if (this.#core.state.name === "cookie-echoed") this.#lifecycle.establish(now, tcb);
        return true;
      case ChunkType.shutdown:
        this.#lifecycle.handleShutdown(now, tcb, packet, at, end);
        return true;
      case ChunkType.shutdownAck:
        this.#lifecycle.handleShutdownAck(tcb);
        return false;
      case ChunkType.error:
        this.#lifecycle.handleError(packet, at, end);
        return true;
      case ChunkType.pad:
        return true;
      default:
        if (unknownChunkIsReported(type)) {
          this.#core.report([
            quoteCause(CauseCode.unrecognizedChunkType, packet.subarray(at, end)),
          ]);
        }
        return !unknownChunkStops(type);
    }
  }

  #handleData(
    now: number,
    tcb: ControlBlock,
    packet: Uint8Array,
    at: number,
    end: number,
  ): boolean {
    const { name } = this.#core.state;
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
        this.#lifecycle.violation("DATA and I-DATA in one association");
        return false;
      }
      this.#core.drops.chunk++;
      return true;
    }
    if (fields.dataAt === fields.dataEnd) {
      // RFC 9260 §6.2.
      const tsn = quoteCause(CauseCode.noUserData, packet.subarray(at + 4, at + 8));
      this.#lifecycle.abortWith([tsn], { message: "DATA without user data", sctpCause: tsn.code });
      return false;
    }
    const verdict = tcb.receiver.handleData(fields, packet);
    // RFC 9260 §9.2: in SHUTDOWN-SENT, data is answered with SACK and SHUTDOWN.
    if (name === "shutdown-sent") {
      tcb.receiver.sackDue = this.#core.stateChunkDue = true;
      this.#core.timers.set("t2", now + SHUTDOWN_TIMEOUT_MS);
    }
    return verdict === "taken" || this.#handleRefusal(verdict, fields.streamId);
  }

  #handleRefusal(verdict: DataVerdict, streamId: number): boolean {
    switch (verdict) {
      case "duplicate":
        this.#core.drops.duplicate++;
        return true;
      case "invalid-stream":
        this.#core.drops.chunk++;
        this.#core.report([invalidStreamCause(streamId)]);
        return true;
      case "too-large":
        this.#lifecycle.violation("a message is larger than max-message-size");
        return false;
      case "out-of-memory": {
        const code = CauseCode.outOfResource;
        const message = "the peer filled the receive buffer with incomplete messages";
        this.#lifecycle.abortWith([{ code, info: new Uint8Array(0) }], {
          message,
          sctpCause: code,
        });
        return false;
      }
      default:
        this.#core.drops.window++;
        return true;
    }
  }

  #handleSack(now: number, tcb: ControlBlock, packet: Uint8Array, at: number, end: number): void {
    const { sender } = tcb;
    if (!readSackChunk(packet, at, end, this.#sack)) {
      this.#core.drops.chunk++;
      return;
    }
    const before = sender.implausibleSacks;
    if (sender.handleSack(now, packet, this.#sack)) {
      this.#core.missedHeartbeats = 0;
      this.#core.mtu.handleProgress();
    }
    this.#core.drops.sack += sender.implausibleSacks - before;
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
      this.#core.drops.chunk++;
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
    if (parameters === undefined || this.#core.state.name === "cookie-echoed") {
      this.#core.drops.chunk++;
      return;
    }
    const answer = tcb.reset.handleReConfig(now, parameters);
    if (answer.length > 0) this.#core.control.push(answer);
  }

  #handleHeartbeatAck(
    now: number,
    tcb: ControlBlock,
    packet: Uint8Array,
    at: number,
    end: number,
  ): void {
    const rtt = this.#core.heartbeat.handleAck(now, packet, at, end);
    if (rtt >= 0) {
      this.#core.missedHeartbeats = 0;
      return tcb.sender.rto.observe(rtt);
    }
    const { mtu, probe } = this.#core;
    const probeRtt = probe.handleAck(now, packet, at, end);
    if (probeRtt < 0) {
      this.#core.drops.chunk++;
      return;
    }
    tcb.sender.rto.observe(probeRtt);
    if (mtu.handleProbeAcked(now)) tcb.sender.setMtu(mtu.current);
  }
}

/**
 * RFC 9260 §6.10, §5.1: INIT and INIT ACK travel alone, COOKIE ECHO first. The tag and the checksum of
 * the packet were judged by its first chunk.
 */
function travelsFirst(type: number): boolean {
  return type === ChunkType.init || type === ChunkType.initAck || type === ChunkType.cookieEcho;
}
