/** Signatures of node:crypto. Keys of peers are read by our own strict parser first. */
import type * as NodeCrypto from "node:crypto";
import { type Entropy, equalBytes } from "../base/mod.ts";
import {
  CryptoError,
  p256PublicKeyInfo,
  parsePkcs8,
  parsePublicKeyInfo,
  randomP256Secret,
  SIGNATURE_SCHEMES,
  type SignatureScheme,
  type SigningKey,
  type SigningKeyAlgorithm,
} from "../crypto/mod.ts";
import { base64Url } from "./base64_url.ts";
import { p256Point } from "./native_key_agreement.ts";
import { derInput } from "./node_modules.ts";

class NativeSigningKey implements SigningKey {
  readonly algorithm: SigningKeyAlgorithm;
  readonly publicKeyInfo: Uint8Array;
  readonly #crypto: typeof NodeCrypto;
  readonly #key: NodeCrypto.KeyObject;

  constructor(
    crypto: typeof NodeCrypto,
    algorithm: SigningKeyAlgorithm,
    key: NodeCrypto.KeyObject,
    publicKeyInfo: Uint8Array,
  ) {
    this.#crypto = crypto;
    this.algorithm = algorithm;
    this.#key = key;
    this.publicKeyInfo = publicKeyInfo;
  }

  sign(scheme: SignatureScheme, data: Uint8Array): Uint8Array {
    const { kind, hash } = SIGNATURE_SCHEMES[scheme];
    const fits = this.algorithm === "ecdsa-p256"
      ? scheme === "ecdsa_secp256r1_sha256"
      : kind !== "ecdsa";
    if (!fits) {
      throw new CryptoError("invalid-argument", `${this.algorithm} does not sign ${scheme}`);
    }
    const { constants } = this.#crypto;
    const key = kind === "pss"
      ? { key: this.#key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: PSS_SALT_BYTES }
      : this.#key;
    return new Uint8Array(this.#crypto.sign(nodeHashName(hash), data, key));
  }

  exportPkcs8(): Uint8Array {
    return new Uint8Array(this.#key.export({ format: "der", type: "pkcs8" }));
  }
}

/** RFC 8446 §4.2.3: the salt is as long as the digest; the one PSS scheme here uses SHA-256. */
const PSS_SALT_BYTES = 32;

/** `sha-256` as node spells it. */
export function nodeHashName(name: string): string {
  return name.replace("-", "");
}

/** Makes a signing key; RSA takes its primes from OpenSSL's own randomness. */
export function nativeGenerateSigningKey(
  crypto: typeof NodeCrypto,
  algorithm: SigningKeyAlgorithm,
  entropy: Entropy,
): SigningKey {
  if (algorithm === "rsa-2048") {
    const { privateKey } = crypto.generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicExponent: 0x10001,
    });
    return rsaSigningKey(crypto, privateKey);
  }
  const secret = randomP256Secret(entropy);
  return p256SigningKey(crypto, secret, p256Point(crypto, secret));
}

/** Reads a stored key. */
export function nativeImportSigningKey(
  crypto: typeof NodeCrypto,
  pkcs8: Uint8Array,
): SigningKey {
  const info = parsePkcs8(pkcs8);
  if (info === undefined) throw new CryptoError("invalid-key", "not a PKCS #8 key of ours");
  try {
    if (info.algorithm === "rsa-2048") {
      const key = { key: derInput(pkcs8), format: "der", type: "pkcs8" } as const;
      return rsaSigningKey(crypto, crypto.createPrivateKey(key));
    }
    const point = p256Point(crypto, info.secret);
    if (info.point !== undefined && !equalBytes(info.point, point)) {
      throw new RangeError("the public part does not belong to the private one");
    }
    return p256SigningKey(crypto, info.secret, point);
  } catch (cause) {
    throw new CryptoError("invalid-key", "the key cannot be read", { cause });
  }
}

function rsaSigningKey(crypto: typeof NodeCrypto, key: NodeCrypto.KeyObject): SigningKey {
  const info = crypto.createPublicKey(key).export({ format: "der", type: "spki" });
  return new NativeSigningKey(crypto, "rsa-2048", key, new Uint8Array(info));
}

function p256SigningKey(
  crypto: typeof NodeCrypto,
  secret: Uint8Array,
  point: Uint8Array,
): SigningKey {
  const jwk = { ...p256Jwk(point), d: base64Url(secret) };
  const key = crypto.createPrivateKey({ key: jwk, format: "jwk" });
  return new NativeSigningKey(crypto, "ecdsa-p256", key, p256PublicKeyInfo(point));
}

/** RFC 7518 §6.2. OpenSSL reads JSON Web Keys several times faster than DER. */
function p256Jwk(point: Uint8Array): NodeCrypto.JsonWebKey {
  const x = base64Url(point.subarray(1, 33)), y = base64Url(point.subarray(33));
  return { kty: "EC", crv: "P-256", x, y };
}

/** Verifies a peer's signature. */
export function nativeVerify(
  crypto: typeof NodeCrypto,
  scheme: SignatureScheme,
  publicKeyInfo: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const parsed = parsePublicKeyInfo(publicKeyInfo);
  const { kind, hash } = SIGNATURE_SCHEMES[scheme];
  if (parsed === undefined || (parsed.kind === "ec") !== (kind === "ecdsa")) return false;
  try {
    const isP256 = parsed.kind === "ec" && parsed.curve === "secp256r1";
    const key = isP256
      ? crypto.createPublicKey({ key: p256Jwk(parsed.point), format: "jwk" })
      : crypto.createPublicKey({ key: derInput(publicKeyInfo), format: "der", type: "spki" });
    const { RSA_PKCS1_PSS_PADDING: padding } = crypto.constants;
    const input = kind === "pss" ? { key, padding, saltLength: PSS_SALT_BYTES } : key;
    return crypto.verify(nodeHashName(hash), data, input, signature);
  } catch {
    return false; // not a point of the curve, or not a number
  }
}
