/** Signatures of node:crypto. Keys of peers are read by our own strict parser first. */
import type * as NodeCrypto from "node:crypto";
import { type Entropy, equalBytes } from "../base/mod.ts";
import {
  CryptoError,
  parsePkcs8,
  parsePublicKeyInfo,
  randomP256Secret,
  SIGNATURE_SCHEMES,
  type SignatureScheme,
  type SigningKey,
  type SigningKeyAlgorithm,
  writeP256Pkcs8,
} from "../crypto/mod.ts";
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
  ) {
    this.#crypto = crypto;
    this.algorithm = algorithm;
    this.#key = key;
    const info = crypto.createPublicKey(key).export({ format: "der", type: "spki" });
    this.publicKeyInfo = new Uint8Array(info);
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
    return new NativeSigningKey(crypto, algorithm, privateKey);
  }
  const secret = randomP256Secret(entropy);
  const pkcs8 = writeP256Pkcs8(secret, p256Point(crypto, secret));
  return new NativeSigningKey(crypto, algorithm, readPkcs8(crypto, pkcs8));
}

/** Reads a stored key. */
export function nativeImportSigningKey(
  crypto: typeof NodeCrypto,
  pkcs8: Uint8Array,
): SigningKey {
  const info = parsePkcs8(pkcs8);
  if (info === undefined) throw new CryptoError("invalid-key", "not a PKCS #8 key of ours");
  try {
    if (info.algorithm === "ecdsa-p256") {
      const point = p256Point(crypto, info.secret);
      if (info.point !== undefined && !equalBytes(info.point, point)) {
        throw new RangeError("the public part does not belong to the private one");
      }
      pkcs8 = writeP256Pkcs8(info.secret, point);
    }
    return new NativeSigningKey(crypto, info.algorithm, readPkcs8(crypto, pkcs8));
  } catch (cause) {
    throw new CryptoError("invalid-key", "the key cannot be read", { cause });
  }
}

function readPkcs8(crypto: typeof NodeCrypto, pkcs8: Uint8Array): NodeCrypto.KeyObject {
  return crypto.createPrivateKey({ key: derInput(pkcs8), format: "der", type: "pkcs8" });
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
    const key = crypto.createPublicKey({
      key: derInput(publicKeyInfo),
      format: "der",
      type: "spki",
    });
    const { RSA_PKCS1_PSS_PADDING: padding } = crypto.constants;
    const input = kind === "pss" ? { key, padding, saltLength: PSS_SALT_BYTES } : key;
    return crypto.verify(nodeHashName(hash), data, input, signature);
  } catch {
    return false; // not a point of the curve, or not a number
  }
}
