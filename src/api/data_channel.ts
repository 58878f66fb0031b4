import { utf8Decode } from "../base/mod.ts";
import type { DataChannel, DataChannelFailure, DataChannelListener } from "../peer/mod.ts";
import type { ChannelControl, ChannelOwner } from "./channel_owner.ts";
import { priorityName, type RTCPriorityType } from "./data_channel_init.ts";
import { HeldAmount } from "./held_amount.ts";
import { encodeText, toArrayBuffer } from "./message_bytes.ts";
import { lightMessageEvent } from "./message_event.ts";
import { OutgoingMessages } from "./outgoing_messages.ts";
import { reportListenerError } from "./report_error.ts";
import { RTCError, type RTCErrorDetailType, RTCErrorEvent } from "./rtc_error.ts";
import { type EventHandler, TypedEventTarget } from "./typed_event_target.ts";
import { assertFits, bufferFull } from "./send_limits.ts";
import { classString, enforceRange, illegalConstructor } from "./webidl.ts";

/** Where a channel is in its life (webrtc-pc §6.2). */
export type RTCDataChannelState = "connecting" | "open" | "closing" | "closed";

/** How binary messages are handed out. */
export type BinaryType = "blob" | "arraybuffer";

/** The events of an {@linkcode RTCDataChannel}. */
export interface RTCDataChannelEventMap {
  /** Messages may be sent. */
  open: Event;
  /** A message came. */
  message: MessageEvent;
  /** `bufferedAmount` fell to `bufferedAmountLowThreshold`. */
  bufferedamountlow: Event;
  /** Something failed. */
  error: RTCErrorEvent;
  /** The peer closes the channel. */
  closing: Event;
  /** The channel is closed. */
  close: Event;
}

/**
 * After this many messages to the same listeners a channel takes them for settled and fires events
 * right from the engine's batch. Until then each message has a turn of the event loop of its own, so
 * that `await`ing one message and then listening for the next never misses any. Programs that listen
 * anew for each message always stay on that side.
 */
const SETTLED_AFTER = 32;

let created = 0;
let make: (owner: ChannelOwner, handle: DataChannel) => ChannelControl;

/** A bidirectional channel for messages (webrtc-pc §6.2). */
export class RTCDataChannel extends TypedEventTarget<RTCDataChannelEventMap> {
  static {
    classString(this, "RTCDataChannel");
    make = (owner, handle) => {
      const channel = new RTCDataChannel(owner, handle);
      handle.listener = channel.#listener();
      return {
        channel,
        handle,
        key: `channel ${++created}`,
        openSilently: () => channel.#enterOpen(),
        closeSilently: () => {
          handle.listener = undefined;
          channel.#held.freeze(channel.bufferedAmount);
          channel.#leave("closed");
          channel.#outgoing?.clear();
        },
        closeAbruptly: () => owner.tasks.queue(() => channel.#announceClosed(undefined)),
      };
    };
  }

  readonly #owner: ChannelOwner;
  readonly #handle: DataChannel;
  #readyState: RTCDataChannelState = "connecting";
  #lowThreshold = 0;
  readonly #held = new HeldAmount();
  #binaryType: BinaryType = "arraybuffer";
  #outgoing: OutgoingMessages | undefined;
  #hasMessageListeners = false;
  #onmessage: EventHandler<RTCDataChannel, MessageEvent> = null;
  /** Messages since the listeners last changed. */
  #settled = 0;

  private constructor(owner: ChannelOwner, handle: DataChannel) {
    super();
    if (owner === undefined) throw illegalConstructor();
    this.#owner = owner;
    this.#handle = handle;
  }

  /** The name it was created with; names need not be unique. */
  get label(): string {
    return this.#handle.label;
  }

  /** Whether messages arrive in the order they were sent. */
  get ordered(): boolean {
    return this.#handle.ordered;
  }

  /** Milliseconds after which a message is given up, or null. */
  get maxPacketLifeTime(): number | null {
    return this.#handle.maxPacketLifeTime ?? null;
  }

  /** Retransmissions after which a message is given up, or null. */
  get maxRetransmits(): number | null {
    return this.#handle.maxRetransmits ?? null;
  }

  /** Name of the subprotocol. */
  get protocol(): string {
    return this.#handle.protocol;
  }

  /** Whether the application negotiated the channel. */
  get negotiated(): boolean {
    return this.#handle.negotiated;
  }

  /** Stream identifier; null until it is assigned. */
  get id(): number | null {
    return this.#handle.id ?? null;
  }

  /** Relative weight (W3C webrtc-priority §4). */
  get priority(): RTCPriorityType {
    return priorityName(this.#handle.priority);
  }

  /** Where the channel is in its life. */
  get readyState(): RTCDataChannelState {
    return this.#readyState;
  }

  /** Bytes queued with `send` and not sent yet. Does not go back to zero on closing. */
  get bufferedAmount(): number {
    return Math.max(this.#held.amount, this.#queuedAmount);
  }

  get #queuedAmount(): number {
    return this.#handle.bufferedAmount + (this.#outgoing?.bytes ?? 0);
  }

  /** When `bufferedAmount` falls to this many bytes, "bufferedamountlow" is fired. */
  get bufferedAmountLowThreshold(): number {
    return this.#lowThreshold;
  }

  set bufferedAmountLowThreshold(value: number) {
    this.#lowThreshold = enforceRange(value, 0xffffffff, "bufferedAmountLowThreshold");
    this.#aim();
  }

  /** The engine knows nothing of what waits behind a blob: its part of the threshold is the rest. */
  readonly #aim = (): void => {
    this.#handle.setLowThreshold(Math.max(0, this.#lowThreshold - (this.#outgoing?.bytes ?? 0)));
  };

  /** "arraybuffer", the default, or "blob". */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(value: BinaryType) {
    // WebIDL §3.2.18: an attribute ignores values that its enumeration does not have.
    if (value === "arraybuffer" || value === "blob") this.#binaryType = value;
  }

  /** EventHandler<RTCDataChannel> of "open". */
  get onopen(): EventHandler<RTCDataChannel> {
    return this.getHandler("open");
  }

  set onopen(handler: EventHandler<RTCDataChannel>) {
    this.setHandler("open", handler);
  }

  /** EventHandler<RTCDataChannel> of "message". */
  get onmessage(): EventHandler<RTCDataChannel, MessageEvent> {
    return this.#onmessage;
  }

  set onmessage(handler: EventHandler<RTCDataChannel, MessageEvent>) {
    this.setHandler("message", handler);
    this.#onmessage = this.getHandler("message");
    this.#settled = 0;
  }

  /** EventHandler<RTCDataChannel> of "bufferedamountlow". */
  get onbufferedamountlow(): EventHandler<RTCDataChannel> {
    return this.getHandler("bufferedamountlow");
  }

  set onbufferedamountlow(handler: EventHandler<RTCDataChannel>) {
    this.setHandler("bufferedamountlow", handler);
  }

  /** EventHandler<RTCDataChannel> of "error". */
  get onerror(): EventHandler<RTCDataChannel, RTCErrorEvent> {
    return this.getHandler("error");
  }

  set onerror(handler: EventHandler<RTCDataChannel, RTCErrorEvent>) {
    this.setHandler("error", handler);
  }

  /** EventHandler<RTCDataChannel> of "closing". */
  get onclosing(): EventHandler<RTCDataChannel> {
    return this.getHandler("closing");
  }

  set onclosing(handler: EventHandler<RTCDataChannel>) {
    this.setHandler("closing", handler);
  }

  /** EventHandler<RTCDataChannel> of "close". */
  get onclose(): EventHandler<RTCDataChannel> {
    return this.getHandler("close");
  }

  set onclose(handler: EventHandler<RTCDataChannel>) {
    this.setHandler("close", handler);
  }

  /**
   * Sends one message. The bytes are copied before the call returns, those of a `Blob` later; the
   * order of the calls is kept.
   *
   * @throws {DOMException} `InvalidStateError` unless the channel is open, `OperationError` when the
   *   send buffer is full
   * @throws {TypeError} when the message is larger than `maxMessageSize` of the SCTP transport, or of
   *   another type
   */
  send(data: string | Blob | ArrayBuffer | ArrayBufferView): void {
    if (typeof data === "string") {
      this.#assertOpen();
      this.#sendBytes(encodeText(data), true);
    } else if (data instanceof ArrayBuffer) {
      this.#assertOpen();
      this.#sendBytes(new Uint8Array(data), false);
    } else if (ArrayBuffer.isView(data)) {
      this.#assertOpen();
      const bytes = data instanceof Uint8Array
        ? data
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      this.#sendBytes(bytes, false);
    } else if (data instanceof Blob) {
      this.#assertOpen();
      assertFits(data.size, this.#owner, this.bufferedAmount);
      this.#queue().pushBlob(data);
      this.#hold(data.size);
    } else {
      throw new TypeError("data must be a string, a Blob, an ArrayBuffer or a view of one");
    }
  }

  /** Closes the channel once everything that is buffered was sent. */
  close(): void {
    if (this.#readyState === "closing" || this.#readyState === "closed") return;
    this.#leave("closing");
    if (this.#outgoing?.isBusy) this.#outgoing.closeWhenEmpty();
    else this.#handle.close();
  }

  /** Messages to listeners that just came are delivered one turn at a time. */
  protected override listenerAdded(type: string): void {
    if (type !== "message") return;
    this.#hasMessageListeners = true;
    this.#settled = 0;
  }

  /** What the engine calls; everything but messages becomes a task (webrtc-pc §6.2). */
  #listener(): DataChannelListener {
    const { tasks } = this.#owner;
    return {
      onOpen: () => tasks.queue(() => this.#announceOpen()),
      onMessage: (data, isText) => {
        if (tasks.length === 0 && this.#settled >= SETTLED_AFTER) this.#deliver(data, isText);
        else tasks.queue(() => this.#deliver(data, isText));
      },
      onBufferedAmountLow: () => {
        if (this.#queuedAmount > this.#lowThreshold) return;
        tasks.queue(() => this.#fireUnlessClosed("bufferedamountlow"));
      },
      onClosing: () => tasks.queue(() => this.#announceClosing()),
      onClosed: (failure) => tasks.queue(() => this.#announceClosed(failure)),
    };
  }

  #enterOpen(): void {
    if (this.#readyState !== "connecting") return;
    this.#readyState = "open";
    this.#owner.channelOpened();
  }

  #leave(state: "closing" | "closed"): void {
    if (this.#readyState === "open") this.#owner.channelLeftOpen();
    this.#readyState = state;
  }

  /** webrtc-pc §6.2.2. */
  #announceOpen(): void {
    this.#enterOpen();
    if (this.#readyState === "open") this.dispatchEvent(new Event("open"));
  }

  /** webrtc-pc §6.2.4: "closing" is fired only when the peer began it. */
  #announceClosing(): void {
    if (this.#readyState === "closing" || this.#readyState === "closed") return;
    this.#leave("closing");
    this.dispatchEvent(new Event("closing"));
  }

  /** webrtc-pc §6.2.5, and §6.2 "Error on creating data channels" where it never came to be open. */
  #announceClosed(failure: DataChannelFailure | undefined): void {
    if (this.#readyState === "closed") return;
    this.#leave("closed");
    this.#outgoing?.clear();
    this.#owner.channelClosed(this);
    if (failure !== undefined) {
      const detail = this.#handle.id === undefined ? "data-channel-failure" : "sctp-failure";
      this.#fireError(detail, failure.message, failure.sctpCause);
    }
    this.dispatchEvent(new Event("close"));
  }

  /** webrtc-pc §6.2, "Receiving messages on a data channel". */
  #deliver(data: Uint8Array, isText: boolean): void {
    if (this.#readyState !== "open") return;
    this.#settled++;
    const value = isText
      ? utf8Decode(data)
      : this.#binaryType === "arraybuffer"
      ? toArrayBuffer(data)
      : new Blob([data as Uint8Array<ArrayBuffer>]);
    if (this.#hasMessageListeners) {
      this.dispatchEvent(new MessageEvent("message", { data: value }));
      return;
    }
    const handler = this.#onmessage;
    if (typeof handler !== "function") return;
    try {
      handler.call(this, lightMessageEvent(this, value));
    } catch (error) {
      reportListenerError(error);
    }
  }

  #fireUnlessClosed(type: string): void {
    if (this.#readyState !== "closed") this.dispatchEvent(new Event(type));
  }

  #fireError(errorDetail: RTCErrorDetailType, message: string, sctpCauseCode?: number): void {
    const error = new RTCError({ errorDetail, sctpCauseCode }, message);
    this.dispatchEvent(new RTCErrorEvent("error", { error }));
  }

  #assertOpen(): void {
    if (this.#readyState === "open") return;
    throw new DOMException(`the channel is ${this.#readyState}`, "InvalidStateError");
  }

  #sendBytes(data: Uint8Array, isText: boolean): void {
    assertFits(data.length, this.#owner, this.bufferedAmount);
    const { length } = data;
    if (this.#outgoing?.isBusy) {
      this.#outgoing.pushBytes(data, isText);
      return this.#hold(length);
    }
    // "closed" is no fault of the caller: the event that tells is on its way.
    const outcome = this.#handle.send(data, isText);
    if (outcome === "buffer-full") throw bufferFull();
    if (outcome === "too-large") {
      throw new TypeError(`a message of ${data.length} bytes is too large`);
    }
    if (outcome === "ok") this.#hold(length);
  }

  #hold(size: number): void {
    if (!this.#held.extend(size)) this.#held.begin(this.#queuedAmount);
  }

  #queue(): OutgoingMessages {
    return this.#outgoing ??= new OutgoingMessages(this.#handle, this.#failed, this.#aim);
  }

  readonly #failed = (message: string): void =>
    this.#owner.tasks.queue(() => {
      if (this.#readyState !== "closed") this.#fireError("sctp-failure", message);
    });
}

/** Binds a channel of the engine to a W3C object. */
export function createChannel(owner: ChannelOwner, handle: DataChannel): ChannelControl {
  return make(owner, handle);
}
