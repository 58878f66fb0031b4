import type { DtlsErrorDetail } from "./handshake_failure.ts";

/** States by their W3C names (webrtc-pc §5.5, RTCDtlsTransportState). */
export type DtlsState = "new" | "connecting" | "connected" | "closed" | "failed";

/** The connection changed its state. */
export interface DtlsStateEvent {
  /** Tells events apart. */
  readonly type: "state";
  /** The state it is in now. */
  readonly state: DtlsState;
}

/** Why the connection is about to become `failed`; what `RTCError` needs (webrtc-pc §11.2). */
export interface DtlsErrorEvent {
  /** Tells events apart. */
  readonly type: "error";
  /** `RTCError.errorDetail`. */
  readonly detail: DtlsErrorDetail;
  /** For people. */
  readonly message: string;
  /** Description of the fatal alert that was sent, if one was. */
  readonly sentAlert: number | undefined;
  /** Description of the fatal alert that was received, if one was. */
  readonly receivedAlert: number | undefined;
}

/** What `DtlsConnection.pollEvent` gives. */
export type DtlsEvent = DtlsStateEvent | DtlsErrorEvent;
