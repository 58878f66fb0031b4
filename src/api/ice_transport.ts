import type { RTCIceCandidate, RTCIceComponent } from "./ice_candidate.ts";
import { type EventHandler, TypedEventTarget } from "./typed_event_target.ts";
import { classString, illegalConstructor } from "./webidl.ts";

/** Whether candidates are being gathered (webrtc-pc §5.6). */
export type RTCIceGathererState = "new" | "gathering" | "complete";
/** How connectivity stands (webrtc-pc §5.6). */
export type RTCIceTransportState =
  | "new"
  | "checking"
  | "connected"
  | "completed"
  | "disconnected"
  | "failed"
  | "closed";
/** Which agent nominates pairs (RFC 8445 §6.1.1). */
export type RTCIceRole = "unknown" | "controlling" | "controlled";

/** ICE credentials (webrtc-pc §5.6). */
export interface RTCIceParameters {
  /** Username fragment. */
  usernameFragment?: string;
  /** Password. */
  password?: string;
}

/** The events of an {@linkcode RTCIceTransport}. */
export interface RTCIceTransportEventMap {
  /** `state` changed. */
  statechange: Event;
  /** `gatheringState` changed. */
  gatheringstatechange: Event;
  /** Data goes over another pair now. */
  selectedcandidatepairchange: Event;
}

/** The internal slots of an ICE transport, written by the connection. */
export interface IceTransportSlots {
  role: RTCIceRole;
  state: RTCIceTransportState;
  gatheringState: RTCIceGathererState;
  selectedPair: RTCIceCandidatePair | null;
  localCandidates: RTCIceCandidate[];
  remoteCandidates: RTCIceCandidate[];
  localParameters: RTCIceParameters | null;
  remoteParameters: RTCIceParameters | null;
}

let makePair: (local: RTCIceCandidate, remote: RTCIceCandidate) => RTCIceCandidatePair;
let makeTransport: (slots: IceTransportSlots) => RTCIceTransport;

/** A local and a remote candidate (webrtc-pc §5.6). */
export class RTCIceCandidatePair {
  static {
    classString(this, "RTCIceCandidatePair");
    makePair = (local, remote) => new RTCIceCandidatePair(local, remote);
  }

  readonly #local: RTCIceCandidate;
  readonly #remote: RTCIceCandidate;

  private constructor(local: RTCIceCandidate, remote: RTCIceCandidate) {
    if (local === undefined) throw illegalConstructor();
    this.#local = local;
    this.#remote = remote;
  }

  /** Ours. */
  get local(): RTCIceCandidate {
    return this.#local;
  }

  /** The peer's. */
  get remote(): RTCIceCandidate {
    return this.#remote;
  }
}

/** The ICE layer of a connection (webrtc-pc §5.6). */
export class RTCIceTransport extends TypedEventTarget<RTCIceTransportEventMap> {
  static {
    classString(this, "RTCIceTransport");
    makeTransport = (slots) => new RTCIceTransport(slots);
  }

  readonly #slots: IceTransportSlots;

  private constructor(slots: IceTransportSlots) {
    super();
    if (slots === undefined) throw illegalConstructor();
    this.#slots = slots;
  }

  /** Our role. */
  get role(): RTCIceRole {
    return this.#slots.role;
  }

  /** Always "rtp". */
  get component(): RTCIceComponent {
    return "rtp";
  }

  /** How connectivity stands. */
  get state(): RTCIceTransportState {
    return this.#slots.state;
  }

  /** Whether candidates are being gathered. */
  get gatheringState(): RTCIceGathererState {
    return this.#slots.gatheringState;
  }

  /** Candidates that were surfaced. */
  getLocalCandidates(): RTCIceCandidate[] {
    return [...this.#slots.localCandidates];
  }

  /** Candidates that came with descriptions or `addIceCandidate`. */
  getRemoteCandidates(): RTCIceCandidate[] {
    return [...this.#slots.remoteCandidates];
  }

  /** The pair that data goes over, or null. */
  getSelectedCandidatePair(): RTCIceCandidatePair | null {
    const { state, selectedPair } = this.#slots;
    return state === "new" || state === "closed" ? null : selectedPair;
  }

  /** Our credentials, once `setLocalDescription` applied them. */
  getLocalParameters(): RTCIceParameters | null {
    return copy(this.#slots.localParameters);
  }

  /** The peer's credentials, once `setRemoteDescription` applied them. */
  getRemoteParameters(): RTCIceParameters | null {
    return copy(this.#slots.remoteParameters);
  }

  /** EventHandler<RTCIceTransport> of "statechange". */
  get onstatechange(): EventHandler<RTCIceTransport> {
    return this.getHandler("statechange");
  }

  set onstatechange(handler: EventHandler<RTCIceTransport>) {
    this.setHandler("statechange", handler);
  }

  /** EventHandler<RTCIceTransport> of "gatheringstatechange". */
  get ongatheringstatechange(): EventHandler<RTCIceTransport> {
    return this.getHandler("gatheringstatechange");
  }

  set ongatheringstatechange(handler: EventHandler<RTCIceTransport>) {
    this.setHandler("gatheringstatechange", handler);
  }

  /** EventHandler<RTCIceTransport> of "selectedcandidatepairchange". */
  get onselectedcandidatepairchange(): EventHandler<RTCIceTransport> {
    return this.getHandler("selectedcandidatepairchange");
  }

  set onselectedcandidatepairchange(handler: EventHandler<RTCIceTransport>) {
    this.setHandler("selectedcandidatepairchange", handler);
  }
}

function copy(parameters: RTCIceParameters | null): RTCIceParameters | null {
  return parameters === null ? null : { ...parameters };
}

/** The slots of a new transport. */
export function newIceTransportSlots(): IceTransportSlots {
  return {
    role: "unknown",
    state: "new",
    gatheringState: "new",
    selectedPair: null,
    localCandidates: [],
    remoteCandidates: [],
    localParameters: null,
    remoteParameters: null,
  };
}

/** A transport that shows these slots. */
export function createIceTransport(slots: IceTransportSlots): RTCIceTransport {
  return makeTransport(slots);
}

/** A pair of candidates. */
export function createCandidatePair(
  local: RTCIceCandidate,
  remote: RTCIceCandidate,
): RTCIceCandidatePair {
  return makePair(local, remote);
}
