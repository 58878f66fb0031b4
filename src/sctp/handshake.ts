import { writeU32 } from "../base/mod.ts";
import { CHUNK_HEADER_BYTES, ChunkType, padded } from "./chunk.ts";
import { createControlBlock } from "./control_block.ts";
import { writeCookieAckChunk } from "./cookie_ack_chunk.ts";
import type { Core } from "./core.ts";
import { CauseCode, type ErrorCause, quoteCause, writeErrorChunk } from "./error_chunk.ts";
import { INIT_BYTES, type InitChunk, parseInitChunk, writeInitChunk } from "./init_chunk.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { MIN_WINDOW_BYTES } from "./options.ts";
import { COMMON_HEADER_BYTES, verificationTagOf } from "./packet.ts";
import {
  COOKIE_LIFE_MS,
  decodeStateCookie,
  encodeStateCookie,
  resolveCookie,
  type StateCookie,
} from "./state_cookie.ts";

/** The answers of the handshake (RFC 9260 §5): INIT, INIT ACK and COOKIE ECHO of the peer. */
export class Handshake {
  readonly #core: Core;
  readonly #lifecycle: Lifecycle;

  /** @param core what the parts share */
  constructor(core: Core, lifecycle: Lifecycle) {
    this.#core = core;
    this.#lifecycle = lifecycle;
  }

  /** Takes an INIT (RFC 9260 §5.1, §5.2). */
  handleInit(now: number, packet: Uint8Array, at: number, end: number): void {
    const init = parseInitChunk(packet, at, end);
    // RFC 9260 §3.3.2: a zero tag is dropped without a word; §3.3.2: INIT travels alone.
    if (init === undefined || init.initiateTag === 0 || at + padded(end - at) < packet.length) {
      this.#core.drops.chunk++;
      return;
    }
    const state = this.#core.state;
    if (state.name === "closed" && state.ended) {
      // RFC 9260 §5.1 B: who will not have the association says so.
      this.#core.drops.outOfTheBlue++;
      this.#core.reply(
        init.initiateTag,
        4,
        (out) => writeErrorChunk(ChunkType.abort, 0, [], out, 0),
      );
      return;
    }
    if (!isAcceptable(init)) {
      this.#core.drops.chunk++;
      const cause = { code: CauseCode.invalidMandatoryParameter, info: new Uint8Array(0) };
      this.#core.reply(
        init.initiateTag,
        16,
        (out) => writeErrorChunk(ChunkType.abort, 0, [cause], out, 0),
      );
      return;
    }
    if (state.name === "shutdown-ack-sent") {
      this.#core.stateChunkDue = true; // RFC 9260 §9.2: our SHUTDOWN ACK was lost
      return;
    }
    this.#replyInitAck(now, init);
  }

  #replyInitAck(now: number, init: InitChunk): void {
    const state = this.#core.state;
    // RFC 9260 §5.2.1: while ours is under way, the same tag and TSN; §5.2.2: later, new ones.
    const same = state.name === "cookie-wait" || state.name === "cookie-echoed";
    // Before we connect, those that our INIT will have: the peer's cookie comes back after it.
    const first = state.name === "closed" ? this.#core.firstNumbers() : undefined;
    const localTag = same ? this.#core.localTag! : first?.tag ?? this.#core.newTag();
    const localTsn = same ? state.localTsn : first?.tsn ?? this.#core.newTsn();
    const cookie = encodeStateCookie(this.#core.cookieSecret, {
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
    const ack = { ...this.#core.ownInit(localTag, localTsn), cookie, unrecognized };
    const room = INIT_BYTES + 256 + unrecognized!.reduce((sum, p) => sum + p.length + 8, 0);
    if (room > this.#core.mtu.current) {
      return this.#replyInitAck(now, { ...init, unrecognized: [] });
    }
    this.#core.reply(
      init.initiateTag,
      room,
      (out) => writeInitChunk(ChunkType.initAck, ack, out, 0),
    );
  }

  /** Takes an INIT ACK (RFC 9260 §5.1 C). */
  handleInitAck(now: number, packet: Uint8Array, at: number, end: number): void {
    const state = this.#core.state;
    const init = parseInitChunk(packet, at, end);
    // RFC 9260 §5.2.3: in any other state it is an old or duplicated one.
    if (state.name !== "cookie-wait" || init === undefined || init.initiateTag === 0) {
      this.#core.drops.chunk++;
      return;
    }
    if (!isAcceptable(init) || init.cookie === undefined) {
      this.#core.drops.chunk++;
      const code = isAcceptable(init)
        ? CauseCode.missingMandatoryParameter
        : CauseCode.invalidMandatoryParameter;
      const message = "the peer's INIT ACK lacks what RFC 9260 §3.3.3 asks for";
      this.#core.reply(
        init.initiateTag,
        64,
        (out) => writeErrorChunk(ChunkType.abort, 0, [{ code, info: missingCookieInfo() }], out, 0),
      );
      return this.#lifecycle.end({ message, sctpCause: code });
    }
    if (COMMON_HEADER_BYTES + CHUNK_HEADER_BYTES + init.cookie.length > this.#core.mtu.current) {
      this.#core.drops.cookie++;
      return this.#lifecycle.end({ message: "the peer's cookie does not fit into a packet" });
    }
    const tcb = createControlBlock(this.#core, {
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
    this.#core.state = { name: "cookie-echoed", tcb, localTsn: state.localTsn, cookie };
    for (const bytes of init.unrecognized ?? []) {
      this.#core.report([quoteCause(CauseCode.unrecognizedParameters, bytes)]);
    }
    this.#lifecycle.startT1(now);
  }

  /** RFC 9260 §5.1.5, §5.2.4; `false`: what follows in the packet is not to be trusted. */
  handleCookieEcho(now: number, packet: Uint8Array, at: number, end: number): boolean {
    const cookie = decodeStateCookie(this.#core.cookieSecret, packet.subarray(at + 4, end));
    const state = this.#core.state;
    const refused = state.name === "closed" && state.ended;
    if (cookie === undefined || refused || verificationTagOf(packet) !== cookie.localTag) {
      this.#core.drops.cookie++;
      return false;
    }
    const tcb = state.tcb;
    const action = tcb === undefined
      ? (state.name === "cookie-wait" && cookie.localTag !== state.localTag ? "discard" : "new")
      : resolveCookie(tcb.localTag, tcb.peerTag, cookie);
    const age = now - cookie.issuedAt;
    if (action !== "duplicate" && age > COOKIE_LIFE_MS) {
      this.#core.drops.cookie++;
      this.#core.reply(
        cookie.peerTag,
        16,
        (out) => writeErrorChunk(ChunkType.error, 0, [staleCookieCause(age)], out, 0),
      );
      return false;
    }
    switch (action) {
      case "discard":
        this.#core.drops.cookie++;
        return false;
      case "duplicate":
        if (state.name === "cookie-echoed") this.#lifecycle.establish(now, tcb!);
        break;
      case "restart":
        if (!this.#restart(now, cookie)) return false;
        break;
      case "collision":
        // RFC 9260 §5.2.4 B. Once data may have flowed, only the tag is new.
        if (state.name === "cookie-echoed") {
          this.#lifecycle.establish(now, createControlBlock(this.#core, cookie));
        } else tcb!.peerTag = cookie.peerTag;
        break;
      case "new":
        this.#lifecycle.establish(now, createControlBlock(this.#core, cookie));
    }
    this.#core.pushControl(4, (out) => writeCookieAckChunk(out, 0));
    return true;
  }

  /** RFC 9260 §5.2.4 A: the peer has lost its state and begins anew. */
  #restart(now: number, cookie: StateCookie): boolean {
    if (this.#core.state.name === "shutdown-ack-sent") {
      this.#core.stateChunkDue = true;
      this.#core.report([{
        code: CauseCode.cookieReceivedWhileShuttingDown,
        info: new Uint8Array(0),
      }]);
      return false;
    }
    this.#core.timers.clearAll();
    this.#core.control.clear();
    this.#core.queue.restart();
    this.#lifecycle.establish(now, createControlBlock(this.#core, cookie), "restarted");
    return true;
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
