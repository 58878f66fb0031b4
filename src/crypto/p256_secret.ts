import { type Entropy, hexDecode, randomBytes } from "../base/mod.ts";
import { CryptoError } from "./errors.ts";

/** SEC 2 §2.4.2: n, the order of the base point of secp256r1. */
const ORDER = hexDecode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")!;

/** Draws before giving up; the chance to need a second one is 2⁻³². */
const MAX_DRAWS = 16;

/**
 * A private scalar of P-256, 32 bytes, by rejection (FIPS 186-5 §A.2.2). Every provider draws alike,
 * so the same entropy gives the same key.
 *
 * @throws {CryptoError} `invalid-argument` when the entropy keeps yielding the impossible
 */
export function randomP256Secret(entropy: Entropy): Uint8Array {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const secret = randomBytes(entropy, 32);
    if (isP256Secret(secret)) return secret;
  }
  throw new CryptoError("invalid-argument", "the entropy source does not yield random bytes");
}

/** Whether `secret` is 1 … n − 1. */
export function isP256Secret(secret: Uint8Array): boolean {
  if (secret.length !== 32 || secret.every((byte) => byte === 0)) return false;
  for (let i = 0; i < 32; i++) if (secret[i] !== ORDER[i]) return secret[i]! < ORDER[i]!;
  return false;
}
