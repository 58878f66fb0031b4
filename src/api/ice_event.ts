import type { EventInit } from "./event_init.ts";
import type { RTCIceCandidate } from "./ice_candidate.ts";

/** What an {@linkcode RTCPeerConnectionIceEvent} is made from. */
export interface RTCPeerConnectionIceEventInit extends EventInit {
  /** The candidate, or null at the end of gathering. */
  candidate?: RTCIceCandidate | null | undefined;
  /** The server it came from. */
  url?: string | null | undefined;
}

/**
 * The "icecandidate" event (webrtc-pc §4.8.2): a candidate, the end of a generation (an empty
 * candidate), or the end of all gathering (null).
 */
export class RTCPeerConnectionIceEvent extends Event {
  readonly #candidate: RTCIceCandidate | null;
  readonly #url: string | null;

  /**
   * Makes an event.
   *
   * @param type "icecandidate"
   * @param eventInitDict with the candidate
   */
  constructor(type: string, eventInitDict: RTCPeerConnectionIceEventInit = {}) {
    super(type, eventInitDict);
    this.#candidate = eventInitDict.candidate ?? null;
    this.#url = eventInitDict.url ?? null;
  }

  /** The candidate to signal, or null. */
  get candidate(): RTCIceCandidate | null {
    return this.#candidate;
  }

  /** The server it came from. */
  get url(): string | null {
    return this.#url;
  }
}

/** What an {@linkcode RTCPeerConnectionIceErrorEvent} is made from. */
export interface RTCPeerConnectionIceErrorEventInit extends EventInit {
  /** Local address that was used. */
  address?: string | null | undefined;
  /** Its port. */
  port?: number | null | undefined;
  /** The server. */
  url?: string | undefined;
  /** STUN error code, or 701 when the server could not be reached. */
  errorCode: number;
  /** STUN reason phrase. */
  errorText?: string | undefined;
}

/** The "icecandidateerror" event (webrtc-pc §4.8.3): a server gave no candidate. */
export class RTCPeerConnectionIceErrorEvent extends Event {
  readonly #init: RTCPeerConnectionIceErrorEventInit;

  /**
   * Makes an event.
   *
   * @param type "icecandidateerror"
   * @param eventInitDict with the error code
   */
  constructor(type: string, eventInitDict: RTCPeerConnectionIceErrorEventInit) {
    super(type, eventInitDict);
    if (eventInitDict?.errorCode === undefined) throw new TypeError("errorCode must be given");
    this.#init = { ...eventInitDict };
  }

  /** Local address that was used. */
  get address(): string | null {
    return this.#init.address ?? null;
  }

  /** Its port. */
  get port(): number | null {
    return this.#init.port ?? null;
  }

  /** The server. */
  get url(): string {
    return this.#init.url ?? "";
  }

  /** STUN error code, or 701. */
  get errorCode(): number {
    return this.#init.errorCode;
  }

  /** STUN reason phrase. */
  get errorText(): string {
    return this.#init.errorText ?? "";
  }
}
