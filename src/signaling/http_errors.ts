import type { Context } from "hono";
import type { SignalingErrorCode } from "./errors.ts";

type Status = 400 | 401 | 403 | 404 | 409 | 413 | 426 | 429 | 503;

/** HTTP status codes of refusals (RFC 9110 §15.5); those of messages that came by HTTP included. */
const STATUS: Readonly<Partial<Record<SignalingErrorCode, Status>>> = {
  "unauthorized": 401,
  "token-expired": 401,
  "room-forbidden": 403,
  "forbidden": 403,
  "origin-refused": 403,
  "unknown-room": 404,
  "unknown-session": 404,
  "room-closed": 409,
  "too-large": 413,
  "upgrade-required": 426,
  "rate-limited": 429,
  "too-many-connections": 429,
  "server-full": 503,
  "try-again": 503,
  "draining": 503,
};

/** Seconds after which a busy server is worth another look. */
const RETRY_SECONDS = "10";

/** The status of a refusal. */
export function statusOf(code: SignalingErrorCode): Status {
  return STATUS[code] ?? 400;
}

/** The answer to a request that is refused. */
export function refuse(context: Context, code: SignalingErrorCode, message: string): Response {
  const status = statusOf(code);
  if (status === 401) context.header("www-authenticate", "Bearer");
  if (status === 429 || status === 503) context.header("retry-after", RETRY_SECONDS);
  return context.json({ error: { code, message } }, status);
}
