import type { DataChannels } from "./data_channels.ts";

/** What a channel is opened with (RFC 8832 §5.1, W3C webrtc-pc §6.2). */
export interface DataChannelInit {
  /** Any text, at most 65535 bytes of UTF-8. */
  readonly label: string;
  /** Subprotocol, at most 65535 bytes of UTF-8. */
  readonly protocol: string;
  /** Whether messages are delivered in the order they were sent. */
  readonly ordered: boolean;
  /** Retransmissions after which a message is given up; excludes `maxPacketLifeTime`. */
  readonly maxRetransmits?: number | undefined;
  /** Milliseconds after which a message is given up; excludes `maxRetransmits`. */
  readonly maxPacketLifeTime?: number | undefined;
  /** Whether both sides create the channel by themselves, with the same id and without DCEP. */
  readonly negotiated: boolean;
  /** Stream identifier, 0 … 65534; assigned when the DTLS role is known if left out. */
  readonly id?: number | undefined;
  /** Scheduling weight as DCEP carries it (RFC 8831 §6.4): 128, 256, 512 or 1024. */
  readonly priority: number;
}

/** States of a channel (W3C webrtc-pc §6.2, RTCDataChannelState). */
export type DataChannelState = "connecting" | "open" | "closing" | "closed";

/** What the owner of a channel wants to hear. Called between two steps of the engine, never within one. */
export interface DataChannelListener {
  /** The channel is open: messages may be sent. */
  onOpen(): void;
  /** A whole message; `data` belongs to the receiver. */
  onMessage(data: Uint8Array, isText: boolean): void;
  /** The buffered amount fell to the threshold. */
  onBufferedAmountLow(): void;
  /** The closing procedure began. */
  onClosing(): void;
  /** The channel is closed; `error` tells why when it was not closed by either side's wish. */
  onClosed(error?: DataChannelFailure): void;
}

/** Why a channel ended abruptly. */
export interface DataChannelFailure {
  /** For people. */
  readonly message: string;
  /** Cause code of the SCTP ABORT, where there was one (RFC 9260 §3.3.10). */
  readonly sctpCause?: number | undefined;
}

/** Outcome of {@linkcode DataChannel.send}. */
export type SendOutcome = "ok" | "closed" | "buffer-full" | "too-large";

/** What went through a channel (RTCDataChannelStats): messages, and bytes of their payload. */
export interface DataChannelCounters {
  /** Messages handed to SCTP. */
  messagesSent: number;
  /** Their payload, bytes. */
  bytesSent: number;
  /** Messages delivered to the listener. */
  messagesReceived: number;
  /** Their payload, bytes. */
  bytesReceived: number;
}

/** One bidirectional channel over a pair of SCTP streams (RFC 8831 §6). */
export class DataChannel {
  /** See {@linkcode DataChannelInit}. */
  readonly label: string;
  /** See {@linkcode DataChannelInit}. */
  readonly protocol: string;
  /** See {@linkcode DataChannelInit}. */
  readonly ordered: boolean;
  /** See {@linkcode DataChannelInit}. */
  readonly maxRetransmits: number | undefined;
  /** See {@linkcode DataChannelInit}. */
  readonly maxPacketLifeTime: number | undefined;
  /** See {@linkcode DataChannelInit}. */
  readonly negotiated: boolean;
  /** See {@linkcode DataChannelInit}. */
  readonly priority: number;
  /** Where events go; set it in the turn in which the channel appears. */
  listener: DataChannelListener | undefined;
  /** What went through the channel so far. */
  readonly stats: DataChannelCounters = {
    messagesSent: 0,
    bytesSent: 0,
    messagesReceived: 0,
    bytesReceived: 0,
  };
  /** For {@linkcode DataChannels}: whether the peer sent DATA_CHANNEL_OPEN. */
  readonly openedByPeer: boolean;
  /** For {@linkcode DataChannels}: the peer has reset its direction of the stream. */
  peerReset = false;
  /** For {@linkcode DataChannels}: the reset of our direction is confirmed. */
  ownReset = false;

  readonly #channels: DataChannels;
  #id: number | undefined;
  #state: DataChannelState = "connecting";
  #lowThreshold = 0;
  #lastBufferedAmount = 0;
  /** RFC 8832 §6: until the peer has been heard on the channel, everything is sent in order. */
  #peerHeard: boolean;

  /** Made by {@linkcode DataChannels}. */
  constructor(channels: DataChannels, init: DataChannelInit, openedByPeer: boolean) {
    this.#channels = channels;
    this.label = init.label;
    this.protocol = init.protocol;
    this.ordered = init.ordered;
    this.maxRetransmits = init.maxRetransmits;
    this.maxPacketLifeTime = init.maxPacketLifeTime;
    this.negotiated = init.negotiated;
    this.priority = init.priority;
    this.#id = init.id;
    this.openedByPeer = openedByPeer;
    this.#peerHeard = openedByPeer || init.negotiated;
  }

  /** Stream identifier, or `undefined` until it is assigned. */
  get id(): number | undefined {
    return this.#id;
  }

  /** Where the channel is in its life. */
  get state(): DataChannelState {
    return this.#state;
  }

  /** Bytes of messages that wait to be sent. Keeps its last value when the channel closes. */
  get bufferedAmount(): number {
    if (this.#id === undefined || this.#state === "closed") return this.#lastBufferedAmount;
    return this.#channels.bufferedAmount(this.#id);
  }

  /**
   * Queues one message. The bytes are copied before the call returns.
   *
   * @returns why it was not taken, or `"ok"`
   */
  send(data: Uint8Array, isText: boolean): SendOutcome {
    if (this.#state !== "open" || this.#id === undefined) return "closed";
    const outcome = this.#channels.send(this, this.#id, data, isText);
    if (outcome === "ok") {
      this.stats.messagesSent++;
      this.stats.bytesSent += data.length;
    }
    return outcome;
  }

  /** Sets the amount at which `onBufferedAmountLow` is called on the way down. */
  setLowThreshold(bytes: number): void {
    this.#lowThreshold = bytes;
    if (this.#id !== undefined) this.#channels.applyLowThreshold(this.#id, bytes);
  }

  /** The threshold in force, bytes. */
  get lowThreshold(): number {
    return this.#lowThreshold;
  }

  /** Begins the closing procedure (W3C webrtc-pc §6.2.4): what is buffered is sent first. */
  close(): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#channels.closeChannel(this);
  }

  get #hearer(): DataChannelListener | undefined {
    return this.#channels.stopped ? undefined : this.listener;
  }

  /** Whether messages may leave out of order already (RFC 8832 §6). */
  get mayReorder(): boolean {
    return this.#peerHeard && !this.ordered;
  }

  /** For {@linkcode DataChannels}: the stream identifier is known. */
  assignId(id: number): void {
    this.#id = id;
  }

  /** For {@linkcode DataChannels}: an acknowledgement or a message came from the peer. */
  markPeerHeard(): void {
    this.#peerHeard = true;
  }

  /** For {@linkcode DataChannels}: connecting → open. */
  markOpen(): void {
    if (this.#state !== "connecting") return;
    this.#state = "open";
    this.#hearer?.onOpen();
  }

  /** For {@linkcode DataChannels}: connecting or open → closing. */
  markClosing(): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#state = "closing";
    this.#hearer?.onClosing();
  }

  /** For {@linkcode DataChannels}: any state → closed. */
  markClosed(failure?: DataChannelFailure): void {
    if (this.#state === "closed") return;
    this.#lastBufferedAmount = this.bufferedAmount;
    this.#state = "closed";
    this.#hearer?.onClosed(failure);
  }

  /** For {@linkcode DataChannels}: the buffered amount fell to the threshold. */
  markBufferedAmountLow(): void {
    this.#hearer?.onBufferedAmountLow();
  }

  /** For {@linkcode DataChannels}: delivers one message. */
  deliver(data: Uint8Array, isText: boolean): void {
    if (this.#state !== "open" && this.#state !== "closing") return;
    this.stats.messagesReceived++;
    this.stats.bytesReceived += data.length;
    this.#hearer?.onMessage(data, isText);
  }
}
