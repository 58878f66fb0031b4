/** The keys that tokens are verified with. Each key has one algorithm; a token cannot choose another. */

/** Algorithms of tokens (RFC 7518 §3.1, RFC 8037 §3.1). */
export type TokenAlgorithm = "HS256" | "RS256" | "ES256" | "EdDSA";

/**
 * What verifying needs of a JSON Web Key (RFC 7517 §4, RFC 7518 §6.2 and §6.3, RFC 8037 §2), named here
 * because that name is unknown to the compilers of users without the DOM. Other members are ignored.
 */
export interface PublicJsonWebKey {
  /** Key type: `RSA`, `EC` or `OKP`. */
  readonly kty?: string;
  /** Modulus of an RSA key. */
  readonly n?: string;
  /** Exponent of an RSA key. */
  readonly e?: string;
  /** Curve: `P-256` or `Ed25519`. */
  readonly crv?: string;
  /** Coordinate of the point, or all of it. */
  readonly x?: string;
  /** Other coordinate of the point. */
  readonly y?: string;
}

/** A key that verifies tokens. */
export type TokenKey =
  /** A secret shared with whoever issues the tokens; at least 32 bytes (RFC 7518 §3.2). */
  | { algorithm: "HS256"; secret: string | Uint8Array; id?: string }
  /** A public key, as a JSON Web Key or as PEM (`BEGIN PUBLIC KEY`). */
  | { algorithm: "RS256" | "ES256" | "EdDSA"; key: PublicJsonWebKey | string; id?: string };

/** A key that is ready to use. */
export interface ImportedKey {
  /** The only algorithm it is used with. */
  readonly algorithm: TokenAlgorithm;
  /** `kid` of the tokens that it signs, where they name one. */
  readonly id: string | undefined;
  /** For WebCrypto. */
  readonly key: CryptoKey;
}

/** RFC 7518 §3.2: a key of the size of the hash output or larger. */
const MIN_SECRET_BYTES = 32;

const PARAMETERS: Readonly<Record<TokenAlgorithm, { name: string; [name: string]: unknown }>> = {
  HS256: { name: "HMAC", hash: "SHA-256" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
};

/**
 * Makes a key ready.
 *
 * @throws {TypeError} a secret below 32 bytes
 */
export async function importTokenKey(key: TokenKey): Promise<ImportedKey> {
  const { algorithm, id } = key;
  if (key.algorithm === "HS256") {
    const { secret } = key;
    const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
    if (bytes.length < MIN_SECRET_BYTES) {
      throw new TypeError(`an HS256 secret has at least ${MIN_SECRET_BYTES} bytes`);
    }
    return { algorithm, id, key: await importKey("raw", bytes.slice(), algorithm) };
  }
  const isPem = typeof key.key === "string";
  const material = isPem ? pemBytes(key.key as string) : publicOnly(key.key as PublicJsonWebKey);
  return { algorithm, id, key: await importKey(isPem ? "spki" : "jwk", material, algorithm) };
}

/**
 * Makes a key of a JWK set (RFC 7517 §5) ready, or returns `undefined` for one that tokens are not
 * verified with: another use, another algorithm, a symmetric key.
 */
export async function importSetKey(jwk: unknown): Promise<ImportedKey | undefined> {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const { kty, crv, alg, use, kid } = jwk as Record<string, unknown>;
  const algorithm = kty === "RSA"
    ? "RS256"
    : kty === "EC" && crv === "P-256"
    ? "ES256"
    : kty === "OKP" && crv === "Ed25519"
    ? "EdDSA"
    : undefined;
  if (algorithm === undefined || (use !== undefined && use !== "sig")) return undefined;
  // RFC 9864 §2.2: `Ed25519` is what `EdDSA` means with this curve.
  const named = alg === "Ed25519" ? "EdDSA" : alg;
  if (named !== undefined && named !== algorithm) return undefined;
  const id = typeof kid === "string" ? kid : undefined;
  try {
    const key = await importKey("jwk", publicOnly(jwk as PublicJsonWebKey), algorithm);
    return { algorithm, id, key };
  } catch {
    return undefined;
  }
}

async function importKey(
  format: "raw" | "spki" | "jwk",
  material: Uint8Array<ArrayBuffer> | PublicJsonWebKey,
  algorithm: TokenAlgorithm,
): Promise<CryptoKey> {
  // The overloads of importKey tie the format to the material; here they come in pairs already.
  return await crypto.subtle.importKey(
    format as "raw",
    material as Uint8Array<ArrayBuffer>,
    PARAMETERS[algorithm],
    false,
    ["verify"],
  );
}

/** What verifying needs of a JWK: a private part is left behind, and so are uses and operations. */
function publicOnly({ kty, n, e, crv, x, y }: PublicJsonWebKey): PublicJsonWebKey {
  return Object.fromEntries(
    Object.entries({ kty, n, e, crv, x, y }).filter(([, value]) => value !== undefined),
  );
}

function pemBytes(pem: string): Uint8Array<ArrayBuffer> {
  const base64 = pem.replace(/-----[^-]*-----/g, "").replace(/\s/g, "");
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
