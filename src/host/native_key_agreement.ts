/** Ephemeral Diffie-Hellman of node:crypto, with secrets from the caller's entropy. */
import type * as NodeCrypto from "node:crypto";
import { concatBytes, type Entropy, hexDecode, randomBytes } from "../base/mod.ts";
import { type KeyAgreement, type NamedCurve, randomP256Secret } from "../crypto/mod.ts";
import { base64Url } from "./base64_url.ts";
import { derInput } from "./node_modules.ts";

/** RFC 7748 §5: length of secrets and shares. */
const X25519_BYTES = 32;
/** RFC 8410 §7: everything of a PKCS #8 X25519 key before its 32 bytes. */
const X25519_PKCS8 = hexDecode("302e020100300506032b656e04220420")!;

/**
 * X25519. The peer's share is read as a JSON Web Key (RFC 8037 §2), ten times faster than DER in Node
 * 20; our secret is not, since a private JSON Web Key must tell its public part beforehand.
 */
class NativeX25519 implements KeyAgreement {
  readonly publicKey: Uint8Array;
  readonly #crypto: typeof NodeCrypto;
  readonly #privateKey: NodeCrypto.KeyObject;

  constructor(crypto: typeof NodeCrypto, secret: Uint8Array) {
    this.#crypto = crypto;
    const key = derInput(concatBytes(X25519_PKCS8, secret));
    this.#privateKey = crypto.createPrivateKey({ key, format: "der", type: "pkcs8" });
    const info = crypto.createPublicKey(this.#privateKey).export({ format: "der", type: "spki" });
    this.publicKey = new Uint8Array(info.subarray(-X25519_BYTES));
  }

  deriveSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    if (peerPublicKey.length !== X25519_BYTES) return undefined;
    try {
      const jwk = { kty: "OKP", crv: "X25519", x: base64Url(peerPublicKey) };
      const publicKey = this.#crypto.createPublicKey({ key: jwk, format: "jwk" });
      const secret = this.#crypto.diffieHellman({ privateKey: this.#privateKey, publicKey });
      // OpenSSL refuses the all-zero secret; RFC 7748 §6.1 is worth the second look.
      return secret.some((byte) => byte !== 0) ? new Uint8Array(secret) : undefined;
    } catch {
      return undefined;
    }
  }
}

class NativeP256 implements KeyAgreement {
  readonly publicKey: Uint8Array;
  readonly #ecdh: NodeCrypto.ECDH;

  constructor(crypto: typeof NodeCrypto, secret: Uint8Array) {
    this.#ecdh = crypto.createECDH("prime256v1");
    this.#ecdh.setPrivateKey(secret);
    this.publicKey = new Uint8Array(this.#ecdh.getPublicKey());
  }

  deriveSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    if (peerPublicKey.length !== 65 || peerPublicKey[0] !== 4) return undefined;
    try {
      return new Uint8Array(this.#ecdh.computeSecret(peerPublicKey));
    } catch {
      return undefined; // not a point of the curve
    }
  }
}

/** Makes an ephemeral key pair. */
export function nativeKeyAgreement(
  crypto: typeof NodeCrypto,
  curve: NamedCurve,
  entropy: Entropy,
): KeyAgreement {
  return curve === "x25519"
    ? new NativeX25519(crypto, randomBytes(entropy, 32))
    : new NativeP256(crypto, randomP256Secret(entropy));
}

/** The uncompressed point of a P-256 secret. */
export function p256Point(crypto: typeof NodeCrypto, secret: Uint8Array): Uint8Array {
  return new NativeP256(crypto, secret).publicKey;
}
