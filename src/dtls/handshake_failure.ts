import { ALERT, type AlertName } from "./alert.ts";

/** What `RTCError.errorDetail` says about a failure (W3C webrtc-pc §11.2). */
export type DtlsErrorDetail = "dtls-failure" | "fingerprint-failure";

/**
 * Ends the handshake from wherever it stands: thrown inside the handshake machine, caught by the
 * connection, which sends the alert. It never leaves this folder.
 */
export class HandshakeFailure extends Error {
  /** Alert description to send. */
  readonly alert: number;
  /** For the event. */
  readonly detail: DtlsErrorDetail;

  /** Made by {@linkcode refuse}. */
  constructor(alert: number, message: string, detail: DtlsErrorDetail) {
    super(message);
    this.alert = alert;
    this.detail = detail;
  }
}

/** Throws a {@linkcode HandshakeFailure}. */
export function refuse(
  alert: AlertName,
  message: string,
  detail: DtlsErrorDetail = "dtls-failure",
): never {
  throw new HandshakeFailure(ALERT[alert], message, detail);
}
