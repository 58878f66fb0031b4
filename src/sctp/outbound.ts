import type { ControlBlock } from "./association_state.ts";
import { ChunkType } from "./chunk.ts";
import { writeCookieEchoChunk } from "./cookie_echo_chunk.ts";
import type { Core } from "./core.ts";
import { writeHeartbeatChunk } from "./heartbeat_chunk.ts";
import { writeInitChunk } from "./init_chunk.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { COMMON_HEADER_BYTES, sealPacket, writeCommonHeader } from "./packet.ts";
import { writePadChunk } from "./pad_chunk.ts";
import { writeShutdownAckChunk, writeShutdownChunk } from "./shutdown_chunk.ts";

/** RFC 8899 §5.1.1: the probe timer is longer than a round trip, and at least this. */
const PROBE_TIMEOUT_MIN_MS = 100;

/** RFC 8899 §5.1.1: the same while no round trip was measured. */
const PROBE_TIMEOUT_FIRST_MS = 1000;

/** Writes packets: replies, the handshake, probes, and control chunks bundled with data (RFC 9260 §6.10). */
export class Outbound {
  readonly #core: Core;
  readonly #lifecycle: Lifecycle;

  /** @param core what the parts share */
  constructor(core: Core, lifecycle: Lifecycle) {
    this.#core = core;
    this.#lifecycle = lifecycle;
  }

  /** Writes one packet at `out[at]` of at most `limit` bytes and returns its end, or `at`: nothing to send. */
  pollTransmit(now: number, out: Uint8Array, at: number, limit: number): number {
    const reply = this.#core.control.shiftReply();
    if (reply !== undefined) return this.#writeAlone(reply.tag, reply.chunk, out, at, limit);
    const state = this.#core.state;
    if (state.name === "closed") return at;
    if (state.name === "cookie-wait") {
      return this.#writeInit(state.localTag, state.localTsn, out, at);
    }
    // COOKIE ACK goes first: until the peer has it, it hears nothing else (RFC 9260 §5.1 E).
    const probe = this.#core.control.next === undefined ? this.#core.mtu.probeDue : 0;
    if (probe > 0 && probe <= limit && state.name === "established") {
      return this.#writeProbe(now, state.tcb, probe, out, at);
    }
    return this.#writePacket(now, state.tcb, out, at, limit);
  }

  #writePacket(now: number, tcb: ControlBlock, out: Uint8Array, at: number, limit: number): number {
    const end = at + (Math.min(limit, this.#core.mtu.current) & ~3);
    const first = this.#writeHeader(tcb.peerTag, out, at);
    let p = first;
    if (this.#core.state.name === "cookie-echoed") {
      if (!this.#core.stateChunkDue) return at;
      this.#core.stateChunkDue = false;
      p = writeCookieEchoChunk(this.#core.state.cookie, out, p);
      p = this.#writeControl(out, p, end, end);
      return this.#finish(out, at, p, true);
    }
    p = this.#writeControl(out, p, end, at + limit);
    p = this.#writeData(now, tcb, out, p, end, first, at + limit);
    this.#lifecycle.progressShutdown(now, tcb);
    if (this.#core.stateChunkDue && end - p >= 8) p = this.#writeShutdown(tcb, out, p);
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
    // First, because what expired is dropped on the way, and a stream may be ready for its reset then.
    const data = sender.hasDataToSend(now);
    if (reset.requestDue()) p = reset.writeRequest(now, out, p, end);
    if ((receiver.sackDue || (data && receiver.sackPending)) && end - p >= 16) {
      p = receiver.writeSack(out, p, end);
    }
    if (sender.forwardTsnDue(now)) p = sender.writeForwardTsn(now, out, p, end);
    if (data) p = sender.writeData(now, out, p, end, p === first ? limit : 0);
    // All that there was to send may have been given up instead.
    if (p === first && sender.forwardTsnDue(now)) p = sender.writeForwardTsn(now, out, p, end);
    return p === first && reset.requestDue() ? reset.writeRequest(now, out, p, end) : p;
  }

  #writeControl(out: Uint8Array, p: number, end: number, limit: number): number {
    const start = p;
    for (
      let chunk = this.#core.control.next;
      chunk !== undefined;
      chunk = this.#core.control.next
    ) {
      // The echo of a large HEARTBEAT goes alone, or, where it does not fit at all, not.
      const fits = chunk.length <= end - p || (p === start && chunk.length <= limit - p);
      if (!fits && p > start) break;
      this.#core.control.shift();
      if (!fits) continue;
      out.set(chunk, p);
      p += chunk.length;
    }
    return p;
  }

  #writeShutdown(tcb: ControlBlock, out: Uint8Array, p: number): number {
    this.#core.stateChunkDue = false;
    return this.#core.state.name === "shutdown-sent"
      ? writeShutdownChunk(tcb.receiver.cumulativeTsn, out, p)
      : writeShutdownAckChunk(out, p);
  }

  #writeInit(localTag: number, localTsn: number, out: Uint8Array, at: number): number {
    if (!this.#core.stateChunkDue) return at;
    this.#core.stateChunkDue = false;
    const p = this.#writeHeader(0, out, at);
    const init = this.#core.ownInit(localTag, localTsn);
    return this.#finish(out, at, writeInitChunk(ChunkType.init, init, out, p), true);
  }

  /** RFC 8899 §6.2.1.2: HEARTBEAT and PAD, no data. */
  #writeProbe(now: number, tcb: ControlBlock, size: number, out: Uint8Array, at: number): number {
    let p = this.#writeHeader(tcb.peerTag, out, at);
    // A repeated probe keeps its nonce: the answer to an earlier one of its size is as good.
    const { mtu, probe } = this.#core;
    const repeated = mtu.probeRepeats ? probe.repeat() : undefined;
    p = writeHeartbeatChunk(repeated ?? probe.begin(now), out, p);
    p = writePadChunk(at + size - p, out, p);
    const { rto } = tcb.sender;
    const timeout = rto.smoothedMs === undefined ? PROBE_TIMEOUT_FIRST_MS : 3 * rto.smoothedMs;
    mtu.handleProbeSent(now, Math.max(timeout, PROBE_TIMEOUT_MIN_MS));
    return this.#finish(out, at, p, !tcb.extensions.zeroChecksum);
  }

  #writeAlone(tag: number, chunk: Uint8Array, out: Uint8Array, at: number, limit: number): number {
    if (COMMON_HEADER_BYTES + chunk.length > limit) return at;
    const p = this.#writeHeader(tag, out, at);
    out.set(chunk, p);
    return this.#finish(out, at, p + chunk.length, true);
  }

  #writeHeader(tag: number, out: Uint8Array, at: number): number {
    return writeCommonHeader(
      out,
      at,
      this.#core.options.localPort,
      this.#core.options.remotePort,
      tag,
    );
  }

  #finish(out: Uint8Array, at: number, end: number, checksum: boolean): number {
    if (checksum) sealPacket(out, at, end, this.#core.options.crc32c);
    this.#core.packetsSent++;
    return end;
  }
}
