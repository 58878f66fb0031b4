/**
 * Alerts (RFC 5246 §7.2).
 *
 * ```text
 *  0                   1
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 * +---------------+---------------+
 * |     level     |  description  |
 * +---------------+---------------+
 * ```
 */

/** RFC 5246 §7.2: the connection goes on. */
export const ALERT_WARNING = 1;
/** RFC 5246 §7.2: the connection ends at once. */
export const ALERT_FATAL = 2;

/** Alert descriptions (RFC 5246 §7.2.2, RFC 5746 §4.5, RFC 6066 §9, RFC 7507 §2). */
export const ALERT = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  no_renegotiation: 100,
  missing_extension: 109,
  unsupported_extension: 110,
  certificate_required: 116,
} as const;

/** A description that this implementation knows by name. */
export type AlertName = keyof typeof ALERT;

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(ALERT).map(([name, code]) => [code, name]),
);

/** The name of a description, or its number as text. For people. */
export function alertName(description: number): string {
  return names.get(description) ?? `alert ${description}`;
}
