/** JSON Web Tokens (RFC 7519) as keys to rooms. Signatures are verified by Hono's helper. */
import { decode, verify } from "hono/jwt";
import { ROLE } from "./message_schemas.ts";
import type { Identity, RoomGrant } from "./grants.ts";
import { KeySet, type KeySetOptions } from "./key_set.ts";
import type { Refusal } from "./sanity.ts";
import { BOOLEAN, list, object, optional, type Schema, text } from "./schema.ts";
import { type ImportedKey, importTokenKey, type TokenKey } from "./token_keys.ts";

/** Which tokens are good. */
export interface TokenOptions {
  /** Keys that are known; each is used with its own algorithm only. */
  keys?: readonly TokenKey[];
  /** Where the issuer publishes its keys (RS256, ES256 or EdDSA). */
  jwks?: string | URL | KeySetOptions;
  /** `iss` that a token must have. */
  issuer?: string;
  /** `aud` that a token must have. */
  audience?: string;
  /** How far clocks may differ, seconds; 5. */
  leewaySeconds?: number;
  /** Whether tokens without `exp` are good; false. */
  allowEternal?: boolean;
  /**
   * What the claims grant, where that is not the claim `rooms`: a list of `RoomGrant`. Return
   * `undefined` to refuse.
   */
  grants?: (claims: Readonly<Record<string, unknown>>) => readonly RoomGrant[] | undefined;
}

/** Claims that `grants` reads. */
export type Claims = Readonly<Record<string, unknown>>;

const LEEWAY_SECONDS = 5;
/** Longer tokens are not looked at. */
const MAX_TOKEN_LENGTH = 8192;
/** Keys of one algorithm without `id` that are tried. */
const MAX_TRIES = 4;

const GRANTS: Schema<RoomGrant[]> = list(
  object<RoomGrant>({
    room: text({ maxLength: 65, pattern: /^[A-Za-z0-9._~-]*\*?$/ }),
    roles: optional(list(ROLE, 16)),
    create: optional(BOOLEAN),
    admin: optional(BOOLEAN),
  }),
  256,
);

/** Verifies tokens. */
export class TokenVerifier {
  readonly #options: TokenOptions;
  readonly #keys: Promise<readonly ImportedKey[]>;
  readonly #set: KeySet | undefined;
  readonly #now: () => number;

  /**
   * Imports the keys.
   *
   * @param now milliseconds since 1970; another clock for tests
   */
  constructor(options: TokenOptions, now: () => number = () => Date.now()) {
    this.#options = options;
    this.#now = now;
    this.#keys = Promise.all((options.keys ?? []).map(importTokenKey));
    // Whoever verifies is told; without that the rejection would count as unhandled.
    this.#keys.catch(() => {});
    const { jwks } = options;
    if (jwks !== undefined) {
      const isAddress = typeof jwks === "string" || jwks instanceof URL;
      this.#set = new KeySet(isAddress ? { url: jwks } : jwks);
    }
  }

  /**
   * Whose token it is, or why it is refused.
   *
   * @throws {TypeError} a configured key cannot be used
   */
  async verify(token: string): Promise<Identity | Refusal> {
    const header = headerOf(token);
    if (header === undefined) return refuse("the token is no JWT");
    let keys: readonly ImportedKey[];
    try {
      keys = await this.#candidates(header);
    } catch (error) {
      if (error instanceof TypeError && this.#set === undefined) throw error;
      return { code: "try-again", message: "the keys of the issuer cannot be fetched" };
    }
    for (const { key, algorithm } of keys) {
      const claims = await verifySignature(token, key, algorithm);
      if (claims !== undefined) return this.#judge(claims);
    }
    return refuse("no key of this server has signed the token");
  }

  /** Keys that may have signed: the algorithm is the key's, never the token's choice. */
  async #candidates(header: { alg: string; kid: string | undefined }): Promise<ImportedKey[]> {
    const known = await this.#keys;
    const fits = (key: ImportedKey): boolean =>
      key.algorithm === header.alg &&
      (header.kid === undefined || key.id === undefined || key.id === header.kid);
    const fitting = known.filter(fits);
    if (fitting.length > 0 || this.#set === undefined) return fitting.slice(0, MAX_TRIES);
    return (await this.#set.keys(header.kid)).filter(fits).slice(0, MAX_TRIES);
  }

  #judge(claims: Claims): Identity | Refusal {
    const { issuer, audience, allowEternal = false, leewaySeconds = LEEWAY_SECONDS } =
      this.#options;
    const { exp, nbf, iss, aud, sub } = claims;
    const seconds = this.#now() / 1000;
    if (exp === undefined ? !allowEternal : typeof exp !== "number") {
      return refuse("the token does not say when it expires");
    }
    if (typeof exp === "number" && seconds >= exp + leewaySeconds) {
      return { code: "token-expired", message: "the token has expired" };
    }
    if (nbf !== undefined && !(typeof nbf === "number" && seconds >= nbf - leewaySeconds)) {
      return refuse("the token is not valid yet");
    }
    if (issuer !== undefined && iss !== issuer) return refuse("the token has another issuer");
    const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    if (audience !== undefined && !audiences.includes(audience)) {
      return refuse("the token is for another audience");
    }
    const user = typeof sub === "string" ? sub.slice(0, 256) : "";
    const given = this.#options.grants === undefined ? claims.rooms : this.#options.grants(claims);
    const rooms = GRANTS.read(given);
    return rooms === undefined ? refuse("the token grants no rooms") : { user, rooms };
  }
}

function refuse(message: string): Refusal {
  return { code: "unauthorized", message };
}

function headerOf(token: string): { alg: string; kid: string | undefined } | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  try {
    const { alg, kid } = decode(token).header as { alg?: unknown; kid?: unknown };
    if (typeof alg !== "string") return undefined;
    return { alg, kid: typeof kid === "string" ? kid : undefined };
  } catch {
    return undefined;
  }
}

/** The claims, when `key` has signed; times are judged elsewhere, with leeway. */
async function verifySignature(
  token: string,
  key: CryptoKey,
  alg: ImportedKey["algorithm"],
): Promise<Claims | undefined> {
  try {
    return await verify(token, key, { alg, exp: false, nbf: false, iat: false });
  } catch {
    return undefined;
  }
}
