import type { Transport } from "./client_events.ts";
import type { SignalingErrorCode } from "./errors.ts";
import type { PeerMetadata } from "./messages.ts";

/** Close code that keeps the session (RFC 6455 §7.4.2: 4000–4999 are for private use). */
export const CLOSE_TO_RESUME = 4000;
/** Close code that ends the session. */
export const CLOSE_TO_LEAVE = 1000;

/**
 * Refusals that a new attempt would meet again. `replaced` is none: nobody else has the secret, so it was
 * an earlier attempt of this client that reached the server later.
 */
export const FINAL: ReadonlySet<string> = new Set<SignalingErrorCode>([
  ...["bad-message", "unsupported-version", "unauthorized", "token-expired"] as const,
  ...["room-forbidden", "forbidden", "unknown-room", "origin-refused"] as const,
  ...["removed", "room-closed"] as const,
]);
/** What a reason looks like that is the server's own, and no proxy's. */
export const CODE: RegExp = /^(draining|[a-z]+(-[a-z]+)+)$/;

/** What the owner of sockets and timers is to do. A link is named by the number of its `open`. */
export type ClientAction =
  /** Answer with `handleToken`. */
  | { type: "token" }
  /** Opens a link whose first message is `join`. */
  | { type: "open"; link: number; transport: Transport; join: string }
  | { type: "send"; link: number; text: string }
  /** On a stream; answer with `handlePosted`. */
  | { type: "post"; link: number; text: string }
  | { type: "close"; link: number; code: number };

/** What a machine needs. */
export interface ClientMachineOptions {
  room: string;
  metadata: PeerMetadata;
  /** 0 to 1, as Math.random. */
  random(): number;
  /** What may be used, the best first. */
  transports: readonly Transport[];
  /** The token, where it does not change. */
  token?: string | undefined;
  /** Whether `token` actions are answered. */
  hasTokenProvider?: boolean;
}
