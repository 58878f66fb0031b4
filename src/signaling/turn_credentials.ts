/**
 * Time-limited TURN credentials as coturn (`use-auth-secret`) and others take them
 * (draft-uberti-behave-turn-rest-00 §2.2): the user name is the time at which it ends, in seconds, and
 * a name; the password is the HMAC-SHA1 of the user name under a secret that the TURN server shares.
 */
import type { Hono } from "hono";
import { type Guard, isRefused } from "./guard.ts";
import { refuse } from "./http_errors.ts";
import type { Switchboard } from "./switchboard.ts";

/** A secret that is used from some moment on. */
export interface TurnSecret {
  /** Shared with the TURN servers. */
  secret: string;
  /** Milliseconds since 1970; the secret is not used before. */
  notBefore: number;
}

/** TURN servers and the secret shared with them. */
export interface TurnOptions {
  /** `turn:` and `turns:` addresses (RFC 7065), `stun:` ones may stand among them. */
  urls: readonly string[];
  /**
   * The secret. To rotate, let the TURN servers know the new one, list both here, and the newer with
   * the moment from which it signs; the old one may go when the last credentials made with it ended.
   */
  secret: string | readonly TurnSecret[];
  /** How long credentials are good, seconds; one hour. An allocation outlives them. */
  ttlSeconds?: number;
}

/** What a client gets: the draft's fields, and the same as `RTCIceServer`s. */
export interface TurnCredentials {
  /** `<end, seconds since 1970>:<name>`. */
  username: string;
  /** Base64. */
  password: string;
  /** Seconds. */
  ttl: number;
  /** Addresses of the servers. */
  uris: string[];
  /** For the configuration of an `RTCPeerConnection`. */
  iceServers: { urls: string[]; username: string; credential: string }[];
}

const TTL_SECONDS = 3600;
/** What making credentials costs of what an address may say, in messages. */
const PRICE = 20;

/**
 * Makes credentials for `user`.
 *
 * @param now milliseconds since 1970
 * @throws {TypeError} no secret is good yet
 *
 * @example
 * ```ts
 * import { turnCredentials } from "@sterna/webrtc/signaling";
 *
 * const turn = { urls: ["turn:turn.example:3478"], secret: "shared with coturn" };
 * const { username } = await turnCredentials(turn, "ann", 0);
 * console.log(username); // 3600:ann
 * ```
 */
export async function turnCredentials(
  options: TurnOptions,
  user: string,
  now: number,
): Promise<TurnCredentials> {
  const ttl = options.ttlSeconds ?? TTL_SECONDS;
  const username = `${Math.floor(now / 1000) + ttl}:${user}`;
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(secretAt(options.secret, now)),
    { name: "HMAC", hash: "SHA-1" },
    false,
    ["sign"],
  );
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(username)));
  const password = btoa(String.fromCharCode(...mac));
  const urls = [...options.urls];
  return {
    username,
    password,
    ttl,
    uris: urls,
    iceServers: [{ urls, username, credential: password }],
  };
}

function secretAt(secret: TurnOptions["secret"], now: number): string {
  if (typeof secret === "string") return secret;
  const good = secret.filter(({ notBefore }) => notBefore <= now);
  const newest = good.toSorted((a, b) => b.notBefore - a.notBefore)[0];
  if (newest === undefined) throw new TypeError("no TURN secret is good yet");
  return newest.secret;
}

/** Adds `GET /turn`. */
export function addTurnRoute(
  app: Hono,
  options: TurnOptions,
  board: Switchboard,
  guard: Guard,
  needsToken: boolean,
): void {
  app.use("/turn", guard.cors);
  app.get("/turn", async (context) => {
    const admitted = await guard.admit(context);
    if (isRefused(admitted)) return refuse(context, admitted.code, admitted.message);
    if (needsToken && admitted.identity === undefined) {
      return refuse(context, "unauthorized", "credentials need a token");
    }
    if (!board.machine.allows(board.now(), admitted.address, PRICE)) {
      return refuse(context, "rate-limited", "too many credentials");
    }
    // TURN servers limit by user name: without a user, everybody is somebody of their own. A colon
    // separates the time from the name.
    const user = admitted.identity?.user.replaceAll(":", "_") || crypto.randomUUID();
    context.header("cache-control", "no-store");
    return context.json(await turnCredentials(options, user, Date.now()));
  });
}
