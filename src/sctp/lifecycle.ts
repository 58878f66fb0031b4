import { NEVER } from "../base/mod.ts";
import type { AssociationState, ControlBlock } from "./association_state.ts";
import { ChunkType } from "./chunk.ts";
import type { Core } from "./core.ts";
import {
  CauseCode,
  causeText,
  type ErrorCause,
  errorChunkBytes,
  parseErrorCauses,
  textCause,
  writeErrorChunk,
} from "./error_chunk.ts";
import type { SctpCloseReason } from "./events.ts";
import { HANDSHAKE_TIMEOUT_MS, HEARTBEAT_INTERVAL_MS, SHUTDOWN_TIMEOUT_MS } from "./options.ts";
import { MAX_BACKOFF_MS } from "./sender.ts";
import { parseShutdownChunk, writeShutdownCompleteChunk } from "./shutdown_chunk.ts";

/** RFC 9260 §9.2: T5-shutdown-guard, five times RTO.Max. */
const SHUTDOWN_GUARD_MS = 300_000;

/** The life of an association: its beginning, its end (RFC 9260 §9), and the timers of both. */
export class Lifecycle {
  readonly #core: Core;
  /** Sendings of the state's chunk. */
  #attempts = 0;
  #shutdownBegan = 0;

  /** @param core what the parts share */
  constructor(core: Core) {
    this.#core = core;
  }

  /** Begins the handshake; both sides may (RFC 9260 §5.2.1). Without effect when it has begun. */
  connect(now: number): void {
    if (this.#core.state.name !== "closed" || this.#core.state.ended) return;
    const { tag: localTag, tsn: localTsn } = this.#core.firstNumbers();
    this.#core.state = { name: "cookie-wait", tcb: undefined, localTag, localTsn };
    this.startT1(now);
  }

  /** The handshake is over, for the first time or because the peer began anew. */
  establish(now: number, tcb: ControlBlock, type: "connected" | "restarted" = "connected"): void {
    this.#core.timers.clear("t1");
    this.#core.stateChunkDue = false;
    this.#attempts = this.#core.missedHeartbeats = 0;
    this.#core.state = { name: "established", tcb };
    this.startHeartbeat(now);
    // libwebrtc fails its DTLS transport over a record of more than 2 KiB, and some stacks over a PAD
    // chunk: only a peer that lists PAD (RFC 5061 §4.2.7) is probed.
    const { mtu } = this.#core;
    tcb.sender.setMtu(tcb.extensions.padding ? mtu.confirm() : mtu.assume());
    this.#core.events.push({ type });
  }

  /** Arms the timer of the next HEARTBEAT. */
  startHeartbeat(now: number): void {
    const interval = this.#core.options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS;
    const rto = this.#core.state.tcb?.sender.rto.rtoMs ?? 0;
    this.#core.timers.set("heartbeat", now + interval + rto);
  }

  /** A chunk of the handshake is due, and again when nothing answers it. */
  startT1(now: number): void {
    this.#core.stateChunkDue = true;
    this.#attempts = 0;
    this.#core.timers.set("t1", now + HANDSHAKE_TIMEOUT_MS);
  }

  /** Ends in order: what is queued is sent and acknowledged first (RFC 9260 §9.2). */
  shutdown(now: number): void {
    const state = this.#core.state;
    if (state.name === "established") {
      this.#core.state = { name: "shutdown-pending", tcb: state.tcb };
      this.#shutdownBegan = now;
    } else if (state.tcb === undefined || state.name === "cookie-echoed") {
      this.abortWith([], undefined);
    }
  }

  /** The peer has aborted. */
  handleAbort(packet: Uint8Array, at: number, end: number): void {
    const [cause] = parseErrorCauses(packet, at, end);
    const text = cause === undefined ? "" : causeText(cause);
    const message = text === "" ? "the peer aborted the association" : `the peer aborted: ${text}`;
    this.end(cause === undefined ? { message } : { message, sctpCause: cause.code });
  }

  /** The peer reports errors. */
  handleError(packet: Uint8Array, at: number, end: number): void {
    for (const cause of parseErrorCauses(packet, at, end)) {
      const stale = cause.code === CauseCode.staleCookie &&
        this.#core.state.name === "cookie-echoed";
      if (stale) {
        // RFC 9260 §5.2.6: begin again; the next cookie is fresh.
        this.#core.state = { name: "closed", tcb: undefined, ended: false };
        this.#core.stateChunkDue = true;
        this.#core.timers.set("t1", 0);
        return;
      }
      const message = causeText(cause) || `the peer reported cause ${cause.code}`;
      this.#core.events.push({ type: "error", sctpCause: cause.code, message });
    }
  }

  /** The peer has nothing more to send. */
  handleShutdown(
    now: number,
    tcb: ControlBlock,
    packet: Uint8Array,
    at: number,
    end: number,
  ): void {
    const cumulativeTsn = parseShutdownChunk(packet, at, end);
    if (cumulativeTsn === undefined) {
      this.#core.drops.chunk++;
      return;
    }
    tcb.sender.handleCumulativeAck(now, packet, cumulativeTsn);
    switch (this.#core.state.name) {
      case "established":
      case "shutdown-pending":
        this.#core.state = { name: "shutdown-received", tcb };
        this.#shutdownBegan = now;
        return;
      case "shutdown-sent":
        this.#startT2(now, { name: "shutdown-ack-sent", tcb });
        return;
      case "shutdown-ack-sent":
        this.#core.stateChunkDue = true;
    }
  }

  /** The peer has taken our SHUTDOWN. */
  handleShutdownAck(tcb: ControlBlock): void {
    const { name } = this.#core.state;
    if (name !== "shutdown-sent" && name !== "shutdown-ack-sent") return;
    this.#core.reply(tcb.peerTag, 4, (out) => writeShutdownCompleteChunk(0, out, 0));
    this.end(undefined);
  }

  /** When nothing is left to send or to be acknowledged, SHUTDOWN or SHUTDOWN ACK is due. */
  progressShutdown(now: number, tcb: ControlBlock): void {
    const { name } = this.#core.state;
    if (this.#core.queue.totalBytes > 0 || tcb.sender.outstanding > 0) return;
    if (name === "shutdown-pending") this.#startT2(now, { name: "shutdown-sent", tcb });
    else if (name === "shutdown-received") this.#startT2(now, { name: "shutdown-ack-sent", tcb });
  }

  #startT2(now: number, state: AssociationState): void {
    this.#core.state = state;
    this.#core.stateChunkDue = true;
    this.#attempts = 0;
    this.#core.timers.set("t2", now + SHUTDOWN_TIMEOUT_MS);
  }

  /** The peer broke the protocol: ends with ABORT. */
  violation(message: string): void {
    const cause = textCause(CauseCode.protocolViolation, message);
    this.abortWith([cause], { message: `protocol violation: ${message}`, sctpCause: cause.code });
  }

  /** Ends with an ABORT; the owner gets `reason`. */
  abortWith(causes: readonly ErrorCause[], reason: SctpCloseReason | undefined): void {
    const { tcb } = this.#core.state;
    if (tcb !== undefined) {
      this.#core.reply(
        tcb.peerTag,
        errorChunkBytes(causes),
        (out) => writeErrorChunk(ChunkType.abort, 0, causes, out, 0),
      );
    }
    this.end(reason);
  }

  /** Ends without a word to the peer. */
  end(reason: SctpCloseReason | undefined): void {
    if (this.#core.state.name === "closed" && this.#core.state.ended) return;
    this.#core.state = { name: "closed", tcb: undefined, ended: true };
    this.#core.timers.clearAll();
    this.#core.control.clear();
    this.#core.queue.clear();
    this.#core.stateChunkDue = false;
    this.#core.events.push(reason === undefined ? { type: "closed" } : { type: "closed", reason });
  }

  /** T1-init or T1-cookie expired (RFC 9260 §5.1). */
  handleT1(now: number): void {
    if (this.#core.state.name === "closed") return this.connect(now);
    this.#repeatStateChunk(now, "t1", HANDSHAKE_TIMEOUT_MS);
  }

  /** T2-shutdown expired (RFC 9260 §9.2). */
  handleT2(now: number): void {
    if (now - this.#shutdownBegan > SHUTDOWN_GUARD_MS) {
      return this.abortWith([], { message: "the peer did not answer the shutdown" });
    }
    this.#repeatStateChunk(now, "t2", SHUTDOWN_TIMEOUT_MS);
  }

  #repeatStateChunk(now: number, timer: "t1" | "t2", firstMs: number): void {
    this.#attempts++;
    if (this.tooMany(this.#attempts)) return;
    this.#core.stateChunkDue = true;
    this.#core.timers.set(timer, now + Math.min(firstMs * 2 ** this.#attempts, MAX_BACKOFF_MS));
  }

  /** RFC 9260 §8.1: the peer is taken for unreachable. */
  tooMany(timeouts: number): boolean {
    if (timeouts <= (this.#core.options.maxRetransmissions ?? NEVER)) return false;
    this.abortWith([], { message: "the peer does not answer" });
    return true;
  }
}
