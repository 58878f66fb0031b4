import type { EventInit } from "./event_init.ts";
import { classString, dictionary, enumeration } from "./webidl.ts";

/** What kind of failure an {@linkcode RTCError} stands for (webrtc-pc §11). */
export type RTCErrorDetailType =
  | "data-channel-failure"
  | "dtls-failure"
  | "fingerprint-failure"
  | "sctp-failure"
  | "sdp-syntax-error"
  | "hardware-encoder-not-available"
  | "hardware-encoder-error";

const DETAILS: readonly RTCErrorDetailType[] = [
  "data-channel-failure",
  "dtls-failure",
  "fingerprint-failure",
  "sctp-failure",
  "sdp-syntax-error",
  "hardware-encoder-not-available",
  "hardware-encoder-error",
];

/** What an {@linkcode RTCError} is made from. */
export interface RTCErrorInit {
  /** The kind of failure. */
  errorDetail: RTCErrorDetailType;
  /** For "sdp-syntax-error": the line, the first being 1. */
  sdpLineNumber?: number | undefined;
  /** For "sctp-failure": the cause code (RFC 9260 §3.3.10). */
  sctpCauseCode?: number | undefined;
  /** For "dtls-failure": the fatal alert that the peer sent. */
  receivedAlert?: number | undefined;
  /** For "dtls-failure": the fatal alert that was sent to the peer. */
  sentAlert?: number | undefined;
}

/** A `DOMException` named "OperationError" that carries details of WebRTC (webrtc-pc §11). */
export class RTCError extends DOMException {
  static {
    classString(this, "RTCError");
  }

  readonly #init: RTCErrorInit;

  /**
   * Makes an error.
   *
   * @param init the kind of failure and its numbers
   * @param message for people
   */
  constructor(init: RTCErrorInit, message = "") {
    super(message, "OperationError");
    this.#init = { ...init, errorDetail: enumeration(init.errorDetail, DETAILS, "errorDetail") };
  }

  /** The kind of failure. */
  get errorDetail(): RTCErrorDetailType {
    return this.#init.errorDetail;
  }

  /** For "sdp-syntax-error": the line, the first being 1. */
  get sdpLineNumber(): number | null {
    return this.#init.sdpLineNumber ?? null;
  }

  /** For "sctp-failure": the cause code. */
  get sctpCauseCode(): number | null {
    return this.#init.sctpCauseCode ?? null;
  }

  /** For "dtls-failure": the fatal alert that the peer sent. */
  get receivedAlert(): number | null {
    return this.#init.receivedAlert ?? null;
  }

  /** For "dtls-failure": the fatal alert that was sent to the peer. */
  get sentAlert(): number | null {
    return this.#init.sentAlert ?? null;
  }
}

/** What an {@linkcode RTCErrorEvent} is made from. */
export interface RTCErrorEventInit extends EventInit {
  /** The failure. */
  error: RTCError;
}

/** An event that tells of an {@linkcode RTCError} (webrtc-pc §11). */
export class RTCErrorEvent extends Event {
  static {
    classString(this, "RTCErrorEvent");
  }

  readonly #error: RTCError;

  /**
   * Makes an event.
   *
   * @param type "error"
   * @param eventInitDict with the failure
   */
  constructor(type: string, eventInitDict: RTCErrorEventInit) {
    const given = dictionary(eventInitDict, "eventInitDict");
    super(type, given);
    if (!(given.error instanceof RTCError)) {
      throw new TypeError("RTCErrorEventInit.error must be an RTCError");
    }
    this.#error = given.error;
  }

  /** The failure. */
  get error(): RTCError {
    return this.#error;
  }
}
