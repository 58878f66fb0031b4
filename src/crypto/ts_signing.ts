/** ECDSA keys over @noble/curves (FIPS 186-5 §6, deterministic by RFC 6979) and verification. */
import { p256, p384 } from "@noble/curves/nist.js";
import { type Entropy, equalBytes } from "../base/mod.ts";
import { CryptoError } from "./errors.ts";
import { isP256Secret, randomP256Secret } from "./p256_secret.ts";
import { parsePkcs8, writeP256Pkcs8 } from "./pkcs8.ts";
import type {
  HashAlgorithm,
  SignatureScheme,
  SigningKey,
  SigningKeyAlgorithm,
} from "./provider.ts";
import { type EcPublicKey, p256PublicKeyInfo, parsePublicKeyInfo } from "./public_key.ts";
import { verifyPkcs1, verifyPss } from "./rsa_verify.ts";
import { SIGNATURE_SCHEMES } from "./signature_scheme.ts";
import { tsHash } from "./ts_hash.ts";

class P256SigningKey implements SigningKey {
  readonly algorithm: SigningKeyAlgorithm = "ecdsa-p256";
  readonly publicKeyInfo: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #point: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.#point = p256.getPublicKey(secret, false);
    this.publicKeyInfo = p256PublicKeyInfo(this.#point);
  }

  sign(scheme: SignatureScheme, data: Uint8Array): Uint8Array {
    if (scheme !== "ecdsa_secp256r1_sha256") {
      throw new CryptoError("invalid-argument", `a P-256 key does not sign ${scheme}`);
    }
    const digest = tsHash("sha-256", data);
    return p256.sign(digest, this.#secret, { prehash: false, lowS: false, format: "der" });
  }

  exportPkcs8(): Uint8Array {
    return writeP256Pkcs8(this.#secret, this.#point);
  }
}

/** Makes a signing key; RSA takes a provider with prime generation. */
export function tsGenerateSigningKey(algorithm: SigningKeyAlgorithm, entropy: Entropy): SigningKey {
  if (algorithm !== "ecdsa-p256") {
    throw new CryptoError("unsupported", `${algorithm} keys take the native provider`);
  }
  return new P256SigningKey(randomP256Secret(entropy));
}

/** Reads a stored P-256 key. */
export function tsImportSigningKey(pkcs8: Uint8Array): SigningKey {
  const key = parsePkcs8(pkcs8);
  if (key?.algorithm === "rsa-2048") {
    throw new CryptoError("unsupported", "RSA keys take the native provider");
  }
  if (key === undefined || !isP256Secret(key.secret)) {
    throw new CryptoError("invalid-key", "not a PKCS #8 P-256 key");
  }
  if (key.point !== undefined && !equalBytes(key.point, p256.getPublicKey(key.secret, false))) {
    throw new CryptoError("invalid-key", "the public part does not belong to the private one");
  }
  return new P256SigningKey(key.secret.slice());
}

/** Verifies a peer's signature. */
export function tsVerify(
  scheme: SignatureScheme,
  publicKeyInfo: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = parsePublicKeyInfo(publicKeyInfo);
  const { kind, hash } = SIGNATURE_SCHEMES[scheme];
  if (key?.kind === "ec" && kind === "ecdsa") return verifyEcdsa(key, hash, data, signature);
  if (key?.kind === "rsa" && kind === "pkcs1") return verifyPkcs1(key, hash, data, signature);
  if (key?.kind === "rsa" && kind === "pss") return verifyPss(key, hash, data, signature);
  return false;
}

/**
 * The curve is the key's, the hash the scheme's: in TLS 1.2 they are independent (RFC 5246
 * §7.4.1.4.1), the names that tie them came with TLS 1.3.
 */
function verifyEcdsa(
  key: EcPublicKey,
  hash: HashAlgorithm,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const curve = key.curve === "secp256r1" ? p256 : p384;
  try {
    return curve.verify(signature, tsHash(hash, data), key.point, {
      prehash: false,
      lowS: false,
      format: "der",
    });
  } catch {
    return false;
  }
}
