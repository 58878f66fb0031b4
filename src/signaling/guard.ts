/** What every route of clients asks first: the page's origin, the token, the address. */
import type { Context, Next } from "hono";
import { clientAddress } from "./client_address.ts";
import type { ConnectOptions } from "./connection.ts";
import type { SignalingErrorCode } from "./errors.ts";
import type { Identity } from "./grants.ts";
import { refuse } from "./http_errors.ts";
import type { Refusal } from "./sanity.ts";
import type { TokenVerifier } from "./tokens.ts";

/** Which pages may connect. */
export type Origins = readonly string[] | ((origin: string) => boolean);

/** The subprotocol that clients name beside the one that carries their token. */
export const SUBPROTOCOL = "sterna";
/** The subprotocol `sterna.token.<JWT>`: browsers cannot set headers of a handshake. */
const TOKEN_PROTOCOL = "sterna.token.";

/** What a guard knows. */
export interface GuardOptions {
  origins: Origins | undefined;
  addressHeader: string | undefined;
  verifier: TokenVerifier | undefined;
  /** Takes `price` messages from what an address may say. */
  allows(address: string | undefined, price: number): boolean;
}

/** Verifying a signature costs as much as some messages do. */
const VERIFY_PRICE = 4;

/** Asks who a client is. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #isAllowed: (origin: string) => boolean;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#isAllowed = originCheck(options.origins);
  }

  /**
   * Refuses pages of other origins, and answers CORS (Fetch standard §3.2): allowed pages may read
   * what they are told. No cookies are involved, so nothing happens in a user's name.
   */
  readonly cors = async (context: Context, next: Next): Promise<Response | void> => {
    const origin = context.req.header("origin");
    if (origin === undefined) return await next();
    if (!this.#isAllowed(origin)) {
      return refuse(context, "origin-refused", "this origin is not on the allow-list");
    }
    const isSocket = context.req.header("upgrade") !== undefined;
    if (isSocket) return await next();
    context.header("access-control-allow-origin", origin);
    context.header("vary", "origin");
    if (context.req.method !== "OPTIONS") return await next();
    context.header("access-control-allow-methods", "GET, POST, DELETE");
    context.header("access-control-allow-headers", "authorization, content-type, last-event-id");
    context.header("access-control-max-age", "7200");
    return context.body(null, 204);
  };

  /** The client's address and, where it brought a token, who it is. */
  async admit(context: Context): Promise<ConnectOptions | Refusal> {
    const address = clientAddress(context, this.#options.addressHeader);
    const token = tokenOf(context);
    if (token === undefined || this.#options.verifier === undefined) return { address };
    if (!this.#options.allows(address, VERIFY_PRICE)) {
      return { code: "rate-limited", message: "too many tokens from this address" };
    }
    const result: Identity | Refusal = await this.#options.verifier.verify(token);
    return "code" in result ? result : { address, identity: result };
  }

  /** The client's address. */
  address(context: Context): string | undefined {
    return clientAddress(context, this.#options.addressHeader);
  }
}

/** The subprotocol to answer with, when the client named ours. */
export function subprotocolOf(context: Context): string | undefined {
  return subprotocols(context).includes(SUBPROTOCOL) ? SUBPROTOCOL : undefined;
}

/** Whether `admitted` says why not. */
export function isRefused(
  admitted: object & { code?: SignalingErrorCode },
): admitted is Refusal {
  return admitted.code !== undefined;
}

function subprotocols(context: Context): string[] {
  return (context.req.header("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
}

/** RFC 6750 §2.1, or the subprotocol of a handshake. */
function tokenOf(context: Context): string | undefined {
  const [scheme, token] = (context.req.header("authorization") ?? "").split(" ", 2);
  if (scheme?.toLowerCase() === "bearer" && token !== undefined) return token;
  return subprotocols(context).find((name) => name.startsWith(TOKEN_PROTOCOL))
    ?.slice(TOKEN_PROTOCOL.length);
}

function originCheck(origins: Origins | undefined): (origin: string) => boolean {
  if (origins === undefined) return () => true;
  if (typeof origins === "function") return origins;
  const allowed = new Set(origins);
  return (origin) => allowed.has(origin);
}
