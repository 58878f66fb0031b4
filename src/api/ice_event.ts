import type { EventInit } from "./event_init.ts";
import { RTCIceCandidate } from "./ice_candidate.ts";
import { classString, dictionary, nullableString, nullableUnsignedShort } from "./webidl.ts";

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
  static {
    classString(this, "RTCPeerConnectionIceEvent");
  }

  readonly #candidate: RTCIceCandidate | null;
  readonly #url: string | null;

  /**
   * Makes an event.
   *
   * @param type "icecandidate"
   * @param eventInitDict with the candidate
   */
  constructor(type: string, eventInitDict: RTCPeerConnectionIceEventInit = {}) {
    if (arguments.length === 0) throw new TypeError("a type must be given");
    const given = dictionary(eventInitDict, "eventInitDict");
    super(type, given);
    const candidate = given.candidate ?? null;
    if (candidate !== null && !(candidate instanceof RTCIceCandidate)) {
      throw new TypeError("RTCPeerConnectionIceEventInit.candidate must be an RTCIceCandidate");
    }
    this.#candidate = candidate;
    this.#url = nullableString(given.url);
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
  static {
    classString(this, "RTCPeerConnectionIceErrorEvent");
  }

  readonly #address: string | null;
  readonly #port: number | null;
  readonly #url: string;
  readonly #errorCode: number;
  readonly #errorText: string;

  /**
   * Makes an event.
   *
   * @param type "icecandidateerror"
   * @param eventInitDict with the error code
   */
  constructor(type: string, eventInitDict: RTCPeerConnectionIceErrorEventInit) {
    const given = dictionary(eventInitDict, "eventInitDict");
    if (given.errorCode === undefined) throw new TypeError("errorCode must be given");
    super(type, given);
    this.#address = nullableString(given.address);
    this.#port = nullableUnsignedShort(given.port);
    this.#url = nullableString(given.url) ?? "";
    this.#errorCode = nullableUnsignedShort(given.errorCode) ?? 0;
    this.#errorText = nullableString(given.errorText) ?? "";
  }

  /** Local address that was used. */
  get address(): string | null {
    return this.#address;
  }

  /** Its port. */
  get port(): number | null {
    return this.#port;
  }

  /** The server. */
  get url(): string {
    return this.#url;
  }

  /** STUN error code, or 701. */
  get errorCode(): number {
    return this.#errorCode;
  }

  /** STUN reason phrase. */
  get errorText(): string {
    return this.#errorText;
  }
}
