import { randomBytes, randomU32 } from "../base/mod.ts";
import type { AssociationState } from "./association_state.ts";
import { ChunkType, padded } from "./chunk.ts";
import { ControlQueue } from "./control_queue.ts";
import { type ErrorCause, errorChunkBytes, writeErrorChunk } from "./error_chunk.ts";
import { EventQueue } from "./events.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { InitChunk, SctpExtensions } from "./init_chunk.ts";
import { RECEIVE_BUFFER_BYTES, type SctpOptions, STREAMS } from "./options.ts";
import { PathMtu } from "./path_mtu.ts";
import { offeredWindow } from "./receiver.ts";
import { SendQueue } from "./send_queue.ts";
import { COOKIE_SECRET_BYTES } from "./state_cookie.ts";
import { createDrops, type SctpDrops } from "./stats.ts";
import { createTimers, type SctpTimers } from "./timers.ts";

/**
 * What the parts of an association share: its options, queues, timers and its state. The parts divide
 * the work: {@linkcode Lifecycle} begins and ends, {@linkcode Handshake} answers, {@linkcode Inbound}
 * reads packets, {@linkcode Outbound} writes them.
 */
export class Core {
  /** How it was set up. */
  readonly options: SctpOptions;
  /** Deadlines. */
  readonly timers: SctpTimers = createTimers();
  /** What waits for the owner. */
  readonly events: EventQueue = new EventQueue();
  /** What waits to be sent for the first time. */
  readonly queue: SendQueue;
  /** Control chunks and replies that wait for a packet. */
  readonly control: ControlQueue = new ControlQueue();
  /** How large packets may be. */
  readonly mtu: PathMtu;
  /** The HEARTBEAT of an idle path. */
  readonly heartbeat: Heartbeat;
  /** The HEARTBEAT of a path MTU probe. */
  readonly probe: Heartbeat;
  /** Marks the cookies that we issue. */
  readonly cookieSecret: Uint8Array;
  /** What was dropped. */
  readonly drops: SctpDrops = createDrops();
  /** Where the association is in its life. */
  state: AssociationState = { name: "closed", tcb: undefined, ended: false };
  /** INIT, COOKIE ECHO, SHUTDOWN or SHUTDOWN ACK, as the state has it, is to be written. */
  stateChunkDue = false;
  /** HEARTBEATs in a row that were not answered. */
  missedHeartbeats = 0;
  /** Packets written. */
  packetsSent = 0;
  /** Packets handed in. */
  packetsReceived = 0;

  #firstNumbers: { readonly tag: number; readonly tsn: number } | undefined;

  /** @param options checked by the caller */
  constructor(options: SctpOptions) {
    this.options = options;
    this.queue = new SendQueue(this.events, options.initialNumbers?.message ?? 0);
    this.mtu = new PathMtu(options.maxPacketSize & ~3, this.timers);
    this.heartbeat = new Heartbeat(options.entropy);
    this.probe = new Heartbeat(options.entropy);
    this.cookieSecret = randomBytes(options.entropy, COOKIE_SECRET_BYTES);
  }

  /** The tag that the peer's packets carry, once there is one. */
  get localTag(): number | undefined {
    const state = this.state;
    return state.name === "cookie-wait" ? state.localTag : state.tcb?.localTag;
  }

  /** Our INIT or INIT ACK, without a cookie. */
  ownInit(initiateTag: number, initialTsn: number): InitChunk {
    return {
      initiateTag,
      initialTsn,
      advertisedWindow: offeredWindow(this.options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES),
      outboundStreams: STREAMS,
      inboundStreams: STREAMS,
      extensions: this.ownExtensions,
    };
  }

  /** What we support. */
  get ownExtensions(): SctpExtensions {
    return {
      partialReliability: true,
      reConfig: true,
      interleaving: this.options.interleaving ?? true,
      zeroChecksum: this.options.zeroChecksum ?? false,
      padding: this.options.padding ?? true,
    };
  }

  /**
   * Tag and TSN of the first association, the same for our INIT and for INITs answered before it: the
   * two sides then agree whichever of them arrives (RFC 9260 §5.2.1), also where the peer answers no
   * INIT (werift) or takes the tag of the last one (aiortc, pion).
   */
  firstNumbers(): { readonly tag: number; readonly tsn: number } {
    return this.#firstNumbers ??= { tag: this.newTag(), tsn: this.newTsn() };
  }

  /** A new verification tag. */
  newTag(): number {
    // RFC 9260 §5.3.1: 1 … 2³² − 1.
    return randomU32(this.options.entropy) || 1;
  }

  /** A first TSN. */
  newTsn(): number {
    return this.options.initialNumbers?.tsn ?? randomU32(this.options.entropy);
  }

  /** Queues a chunk of at most `bytes` bytes for the next packet. */
  pushControl(bytes: number, write: (out: Uint8Array) => number): void {
    const out = new Uint8Array(padded(bytes));
    this.control.push(out.subarray(0, write(out)));
  }

  /** Queues a chunk that travels alone, with a tag of its own. */
  reply(tag: number, bytes: number, write: (out: Uint8Array) => number): void {
    const out = new Uint8Array(padded(bytes));
    this.control.pushReply(tag, out.subarray(0, write(out)));
  }

  /** Queues an ERROR chunk. */
  report(causes: readonly ErrorCause[]): void {
    this.pushControl(
      errorChunkBytes(causes),
      (out) => writeErrorChunk(ChunkType.error, 0, causes, out, 0),
    );
  }
}
