import type { RTCIceTransport } from "./ice_transport.ts";
import type { RTCErrorEvent } from "./rtc_error.ts";
import { type EventHandler, TypedEventTarget } from "./typed_event_target.ts";
import { classString, illegalConstructor } from "./webidl.ts";

/** How DTLS stands (webrtc-pc §5.5). */
export type RTCDtlsTransportState = "new" | "connecting" | "connected" | "closed" | "failed";

/** The events of an {@linkcode RTCDtlsTransport}. */
export interface RTCDtlsTransportEventMap {
  /** `state` changed. */
  statechange: Event;
  /** The handshake or the connection failed. */
  error: RTCErrorEvent;
}

/** The internal slots of a DTLS transport, written by the connection. */
export interface DtlsTransportSlots {
  readonly iceTransport: RTCIceTransport;
  state: RTCDtlsTransportState;
  /** DER, the peer's own certificate first. */
  remoteCertificates: readonly Uint8Array[];
}

let make: (slots: DtlsTransportSlots) => RTCDtlsTransport;

/** The DTLS layer of a connection (webrtc-pc §5.5). */
export class RTCDtlsTransport extends TypedEventTarget<RTCDtlsTransportEventMap> {
  static {
    classString(this, "RTCDtlsTransport");
    make = (slots) => new RTCDtlsTransport(slots);
  }

  readonly #slots: DtlsTransportSlots;

  private constructor(slots: DtlsTransportSlots) {
    super();
    if (slots === undefined) throw illegalConstructor();
    this.#slots = slots;
  }

  /** The ICE layer below. */
  get iceTransport(): RTCIceTransport {
    return this.#slots.iceTransport;
  }

  /** How DTLS stands. */
  get state(): RTCDtlsTransportState {
    return this.#slots.state;
  }

  /** The peer's certificates as DER, its own first; empty until connected. */
  getRemoteCertificates(): ArrayBuffer[] {
    return this.#slots.remoteCertificates.map((der) => der.slice().buffer as ArrayBuffer);
  }

  /** EventHandler<RTCDtlsTransport> of "statechange". */
  get onstatechange(): EventHandler<RTCDtlsTransport> {
    return this.getHandler("statechange");
  }

  set onstatechange(handler: EventHandler<RTCDtlsTransport>) {
    this.setHandler("statechange", handler);
  }

  /** EventHandler<RTCDtlsTransport> of "error". */
  get onerror(): EventHandler<RTCDtlsTransport, RTCErrorEvent> {
    return this.getHandler("error");
  }

  set onerror(handler: EventHandler<RTCDtlsTransport, RTCErrorEvent>) {
    this.setHandler("error", handler);
  }
}

/** A transport that shows these slots. */
export function createDtlsTransport(slots: DtlsTransportSlots): RTCDtlsTransport {
  return make(slots);
}
