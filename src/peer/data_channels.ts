import {
  type DataChannelOpen,
  OPEN_HEADER_BYTES,
  parseDcepMessage,
  PPID,
  writeDataChannelAck,
  writeDataChannelOpen,
} from "../dcep/mod.ts";
import type { SctpAssociation, SctpEvent } from "../sctp/mod.ts";
import {
  DataChannel,
  type DataChannelFailure,
  type DataChannelInit,
  type SendOutcome,
} from "./data_channel.ts";

/** Identifiers run from 0 to 65534 (RFC 8832 §6; SCTP counts streams in 16 bits). */
export const MAX_CHANNELS = 65535;

/**
 * Labels and protocols of all channels that the peer has open, UTF-16 units together. RFC 8832 §5.1
 * gives each channel 128 KiB for the two, which are 4 GiB for one parity of identifiers. This leaves
 * every one of those channels 128, and to a few that need it their full length.
 */
const MAX_PEER_TEXT_LENGTH: number = 4 * 1024 * 1024;

/** RFC 8831 §6.6: an empty message travels as one zero byte with a PPID of its own. */
const EMPTY_MESSAGE: Uint8Array = new Uint8Array(1);

/**
 * The data channels of one association (RFC 8831, RFC 8832): identifiers, opening, messages, and the
 * closing procedure by stream reset. Channels may be created before the association exists.
 */
export class DataChannels {
  readonly #byId = new Map<number, DataChannel>();
  /** Created here, without an identifier as yet. */
  readonly #unassigned: DataChannel[] = [];
  readonly #onRemoteChannel: (channel: DataChannel) => void;
  readonly #touch: () => number;
  #sctp: SctpAssociation | undefined;
  #connected = false;
  #dtlsRole: "client" | "server" | undefined;
  /** {@linkcode MAX_PEER_TEXT_LENGTH} is the most. */
  #peerTextLength = 0;
  #stopped = false;
  /** The time of the step under way. */
  #now = 0;
  /** Channels that were opened, by either side. */
  opened = 0;
  /** Channels that were open and are closed. */
  closed = 0;
  /** DCEP messages and user messages that made no sense and were dropped. */
  dropped = 0;

  /**
   * @param onRemoteChannel called for each channel that the peer opens, before its `onOpen`
   * @param touch called when the application acts on a channel: tells the time, and sees to it that
   *   what is to be sent is drained soon
   */
  constructor(onRemoteChannel: (channel: DataChannel) => void, touch: () => number) {
    this.#onRemoteChannel = onRemoteChannel;
    this.#touch = touch;
  }

  /** The association that carries the channels; `dtlsRole` is ours and decides about identifiers. */
  attach(sctp: SctpAssociation, dtlsRole: "client" | "server"): void {
    this.#sctp = sctp;
    this.#dtlsRole = dtlsRole;
    for (const channel of this.#unassigned.splice(0)) this.#assign(channel);
    for (const channel of this.#byId.values()) {
      sctp.setBufferedAmountLowThreshold(channel.id!, channel.lowThreshold);
    }
  }

  /**
   * Creates a channel of ours. `undefined`: its identifier is taken.
   *
   * @param prepare sets the listener: on a connected association the channel opens within this call
   */
  create(
    init: DataChannelInit,
    prepare?: (channel: DataChannel) => void,
  ): DataChannel | undefined {
    this.#now = this.#touch();
    if (init.id !== undefined && this.#byId.has(init.id)) return undefined;
    const channel = new DataChannel(this, init, false);
    if (init.id !== undefined) this.#byId.set(init.id, channel);
    else if (this.#dtlsRole === undefined) this.#unassigned.push(channel);
    else this.#assign(channel);
    if (channel.state !== "closed") prepare?.(channel);
    if (this.#connected) this.#open(channel);
    return channel;
  }

  /** For {@linkcode DataChannel}: whether listeners hear nothing any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** The transport was closed by its owner: from here on no listener is called. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes one event of the association. */
  handleEvent(now: number, event: SctpEvent): void {
    this.#now = now;
    switch (event.type) {
      case "message":
        return this.#handleMessage(event.streamId, event.ppid, event.data);
      case "connected":
        this.#connected = true;
        for (const channel of [...this.#byId.values()]) this.#open(channel);
        return;
      case "incoming-streams-reset":
        for (const id of event.streamIds) this.#peerReset(id);
        return;
      case "outgoing-streams-reset":
      // RFC 6525 §5.2.7: a peer that refuses, or knows no resets, will not do better later.
      case "streams-reset-failed":
        for (const id of event.streamIds) this.#ownResetDone(id, event.type);
        return;
      case "restarted":
        // RFC 9260 §5.2.4.1: what the peer knew of the channels is gone.
        return this.#closeOpened({ message: "the peer restarted its SCTP association" });
      case "buffered-amount-low":
        this.#byId.get(event.streamId)?.markBufferedAmountLow();
        return;
    }
  }

  /** Ends every channel at once (W3C webrtc-pc §6.2.5): the association is gone. */
  closeAll(failure?: DataChannelFailure): void {
    this.#connected = false;
    const channels = [...this.#byId.values(), ...this.#unassigned];
    this.#byId.clear();
    this.#unassigned.length = this.#peerTextLength = 0;
    for (const channel of channels) this.#finish(channel, failure);
  }

  /** For {@linkcode DataChannel}: bytes that wait on a stream. */
  bufferedAmount(id: number): number {
    return this.#sctp?.bufferedAmount(id) ?? 0;
  }

  /** For {@linkcode DataChannel}: hands the threshold to the association. */
  applyLowThreshold(id: number, bytes: number): void {
    this.#sctp?.setBufferedAmountLowThreshold(id, bytes);
  }

  /** For {@linkcode DataChannel}: queues one message. */
  send(channel: DataChannel, id: number, data: Uint8Array, isText: boolean): SendOutcome {
    const empty = data.length === 0;
    const ppid = isText
      ? (empty ? PPID.stringEmpty : PPID.string)
      : (empty ? PPID.binaryEmpty : PPID.binary);
    return this.#sctp!.send(this.#touch(), id, ppid, empty ? EMPTY_MESSAGE : data, {
      ordered: !channel.mayReorder,
      maxRetransmits: channel.maxRetransmits,
      maxLifetimeMs: channel.maxPacketLifeTime,
      priority: channel.priority,
    });
  }

  /** For {@linkcode DataChannel}: the closing procedure, begun by us. */
  closeChannel(channel: DataChannel): void {
    this.#now = this.#touch();
    channel.markClosing();
    if (this.#connected && channel.id !== undefined) {
      this.#sctp!.resetStreams(this.#now, [channel.id]);
      return;
    }
    // Nothing was ever sent: the channel ends here, and its identifier is free again.
    if (channel.id !== undefined) this.#byId.delete(channel.id);
    else this.#unassigned.splice(this.#unassigned.indexOf(channel), 1);
    this.#finish(channel);
  }

  /** RFC 8832 §6: the DTLS client takes even identifiers, the server odd ones. */
  #assign(channel: DataChannel): void {
    const limit = this.#streamLimit;
    let id = this.#dtlsRole === "client" ? 0 : 1;
    while (id < limit && this.#byId.has(id)) id += 2;
    if (id >= limit) {
      return channel.markClosed({ message: `no stream below ${limit} is free for the channel` });
    }
    channel.assignId(id);
    this.#byId.set(id, channel);
    this.#sctp?.setBufferedAmountLowThreshold(id, channel.lowThreshold);
  }

  /** Both sides have said how many streams they take, once the association is established. */
  get #streamLimit(): number {
    const sctp = this.#sctp;
    if (sctp === undefined) return MAX_CHANNELS;
    return Math.min(MAX_CHANNELS, sctp.outboundStreams, sctp.inboundStreams);
  }

  /** RFC 8832 §6: the opener may send at once behind DATA_CHANNEL_OPEN, which is ordered and reliable. */
  #open(channel: DataChannel): void {
    const { id } = channel;
    if (channel.state !== "connecting" || id === undefined) return;
    const refusal = id >= this.#streamLimit
      ? `the peer takes ${this.#streamLimit} streams only`
      : channel.negotiated
      ? undefined
      : this.#sendOpen(channel, id);
    if (refusal !== undefined) {
      this.#byId.delete(id);
      return this.#finish(channel, { message: refusal });
    }
    this.opened++;
    channel.markOpen();
  }

  /** Returns why DATA_CHANNEL_OPEN was not taken: without it the peer would never know the channel. */
  #sendOpen(channel: DataChannel, id: number): string | undefined {
    const length = OPEN_HEADER_BYTES + 3 * (channel.label.length + channel.protocol.length);
    const message = new Uint8Array(length);
    const end = writeDataChannelOpen(openMessageOf(channel), message, 0);
    const outcome = this.#sctp!.send(this.#now, id, PPID.dcep, message.subarray(0, end));
    return outcome === "ok" ? undefined : `DATA_CHANNEL_OPEN cannot be sent: ${outcome}`;
  }

  #handleMessage(id: number, ppid: number, data: Uint8Array): void {
    if (ppid === PPID.dcep) return this.#handleDcep(id, data);
    const channel = this.#byId.get(id);
    const known = ppid === PPID.string || ppid === PPID.binary || ppid === PPID.stringEmpty ||
      ppid === PPID.binaryEmpty;
    if (channel === undefined || !known) {
      this.dropped++;
      return;
    }
    channel.markPeerHeard();
    const isEmpty = ppid === PPID.stringEmpty || ppid === PPID.binaryEmpty;
    const isText = ppid === PPID.string || ppid === PPID.stringEmpty;
    channel.deliver(isEmpty ? new Uint8Array(0) : data, isText);
  }

  #handleDcep(id: number, data: Uint8Array): void {
    const message = parseDcepMessage(data);
    const channel = this.#byId.get(id);
    if (message?.type === "ack" && channel !== undefined) channel.markPeerHeard();
    else if (message?.type === "open") this.#handleOpen(id, message);
    else this.dropped++;
  }

  /**
   * RFC 8832 §6: an identifier in use, or one of our own parity, is an error of the opener. The
   * channel that has it stays; otherwise the stream is reset, as it is when there is no room.
   */
  #handleOpen(id: number, open: DataChannelOpen): void {
    const sctp = this.#sctp!;
    // RFC 8831 §6.7: the peer uses an identifier anew once both directions are reset. So it has reset
    // the direction that we asked it to, and only its answer was lost.
    if (this.#byId.get(id)?.peerReset) {
      for (const done of sctp.confirmReset(id)) this.#ownResetDone(done, "outgoing-streams-reset");
    }
    const oursByParity = (id % 2 === 0) === (this.#dtlsRole === "client");
    const tooLong = this.#peerTextLength + textLength(open) > MAX_PEER_TEXT_LENGTH;
    if (this.#byId.has(id) || id >= this.#streamLimit || oursByParity || tooLong) {
      this.dropped++;
      if (!this.#byId.has(id) && id < sctp.outboundStreams) sctp.resetStreams(this.#now, [id]);
      return;
    }
    const channel = new DataChannel(this, {
      label: open.label,
      protocol: open.protocol,
      ordered: open.ordered,
      maxRetransmits: open.maxRetransmits,
      maxPacketLifeTime: open.maxLifetimeMs,
      negotiated: false,
      id,
      priority: open.priority,
    }, true);
    this.#byId.set(id, channel);
    this.#peerTextLength += textLength(channel);
    const ack = new Uint8Array(1);
    writeDataChannelAck(ack, 0);
    sctp.send(this.#now, id, PPID.dcep, ack);
    sctp.setBufferedAmountLowThreshold(id, 0);
    this.opened++;
    this.#onRemoteChannel(channel);
    channel.markOpen();
  }

  /** RFC 8831 §6.7: when the peer resets its direction, we reset ours; then the channel is closed. */
  #peerReset(id: number): void {
    const channel = this.#byId.get(id);
    if (channel === undefined) return;
    channel.peerReset = true;
    if (channel.state !== "closing") {
      channel.markClosing();
      this.#sctp!.resetStreams(this.#now, [id]);
    } else if (channel.ownReset) this.#release(id, channel);
  }

  #ownResetDone(id: number, outcome: SctpEvent["type"]): void {
    const channel = this.#byId.get(id);
    if (channel === undefined) return;
    channel.ownReset = true;
    if (channel.peerReset || outcome === "streams-reset-failed") this.#release(id, channel);
  }

  #closeOpened(failure: DataChannelFailure): void {
    for (const [id, channel] of [...this.#byId]) {
      if (channel.state === "connecting") continue;
      this.#release(id, channel, failure);
    }
  }

  #release(id: number, channel: DataChannel, failure?: DataChannelFailure): void {
    this.#byId.delete(id);
    if (channel.openedByPeer) this.#peerTextLength -= textLength(channel);
    this.#finish(channel, failure);
  }

  #finish(channel: DataChannel, failure?: DataChannelFailure): void {
    if (channel.state === "open" || channel.state === "closing") this.closed++;
    channel.markClosed(failure);
  }
}

function textLength({ label, protocol }: Pick<DataChannelOpen, "label" | "protocol">): number {
  return label.length + protocol.length;
}

function openMessageOf(channel: DataChannel): DataChannelOpen {
  return {
    type: "open",
    label: channel.label,
    protocol: channel.protocol,
    ordered: channel.ordered,
    maxRetransmits: channel.maxRetransmits,
    maxLifetimeMs: channel.maxPacketLifeTime,
    priority: channel.priority,
  };
}
