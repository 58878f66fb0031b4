import type { RTCDtlsTransport } from "./dtls_transport.ts";
import { type EventHandler, TypedEventTarget } from "./typed_event_target.ts";
import { classString, illegalConstructor } from "./webidl.ts";

/** How SCTP stands (webrtc-pc §6.1.2). */
export type RTCSctpTransportState = "connecting" | "connected" | "closed";

/** The events of an {@linkcode RTCSctpTransport}. */
export interface RTCSctpTransportEventMap {
  /** `state` changed. */
  statechange: Event;
}

/** The internal slots of an SCTP transport, written by the connection. */
export interface SctpTransportSlots {
  readonly transport: RTCDtlsTransport;
  state: RTCSctpTransportState;
  maxMessageSize: number | null;
  maxChannels: number | null;
  /** webrtc-pc §6.1.1.2, [[MaxBufferSize]]. */
  maxBufferSize: number;
}

let make: (slots: SctpTransportSlots) => RTCSctpTransport;

/** The SCTP layer under the data channels (webrtc-pc §6.1.1). */
export class RTCSctpTransport extends TypedEventTarget<RTCSctpTransportEventMap> {
  static {
    classString(this, "RTCSctpTransport");
    make = (slots) => new RTCSctpTransport(slots);
  }

  readonly #slots: SctpTransportSlots;

  private constructor(slots: SctpTransportSlots) {
    super();
    if (slots === undefined) throw illegalConstructor();
    this.#slots = slots;
  }

  /** The DTLS layer below. */
  get transport(): RTCDtlsTransport {
    return this.#slots.transport;
  }

  /** How SCTP stands. */
  get state(): RTCSctpTransportState {
    return this.#slots.state;
  }

  /** The largest message that can be sent, bytes; null until an answer is applied. */
  get maxMessageSize(): number | null {
    return this.#slots.maxMessageSize;
  }

  /** How many channels there can be; null until connected. */
  get maxChannels(): number | null {
    return this.#slots.maxChannels;
  }

  /** EventHandler<RTCSctpTransport> of "statechange". */
  get onstatechange(): EventHandler<RTCSctpTransport> {
    return this.getHandler("statechange");
  }

  set onstatechange(handler: EventHandler<RTCSctpTransport>) {
    this.setHandler("statechange", handler);
  }
}

/** A transport that shows these slots. */
export function createSctpTransport(slots: SctpTransportSlots): RTCSctpTransport {
  return make(slots);
}

/**
 * "Update the data max message size" (webrtc-pc §6.1.1.2).
 *
 * @param remote what the peer takes, 0 for any size
 * @param local what can be sent on a channel, that is, the size of its send buffer
 */
export function updateMaxMessageSize(
  slots: SctpTransportSlots,
  remote: number,
  local: number,
): void {
  slots.maxMessageSize = remote === 0 ? local : Math.min(remote, local);
  slots.maxBufferSize = Math.max(remote, local);
}
