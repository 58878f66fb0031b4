/** Ephemeral Diffie-Hellman of node:crypto, with secrets from the caller's entropy. */
import type * as NodeCrypto from "node:crypto";
import { concatBytes, type Entropy, hexDecode, randomBytes } from "../base/mod.ts";
import { derInput } from "./node_modules.ts";
import { type KeyAgreement, type NamedCurve, randomP256Secret } from "../crypto/mod.ts";

/** RFC 8410 §7: everything of a PKCS #8 X25519 key before its 32 bytes. */
const X25519_PKCS8 = hexDecode("302e020100300506032b656e04220420")!;
/** RFC 8410 §4: everything of a SubjectPublicKeyInfo of X25519 before its 32 bytes. */
const X25519_SPKI = hexDecode("302a300506032b656e032100")!;
class NativeX25519 implements KeyAgreement {
  readonly publicKey: Uint8Array;
  readonly #crypto: typeof NodeCrypto;
  readonly #privateKey: NodeCrypto.KeyObject;

  constructor(crypto: typeof NodeCrypto, secret: Uint8Array) {
    this.#crypto = crypto;
    const key = derInput(concatBytes(X25519_PKCS8, secret));
    this.#privateKey = crypto.createPrivateKey({ key, format: "der", type: "pkcs8" });
    const info = crypto.createPublicKey(this.#privateKey).export({ format: "der", type: "spki" });
    this.publicKey = new Uint8Array(info.subarray(X25519_SPKI.length));
  }

  deriveSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    if (peerPublicKey.length !== 32) return undefined;
    try {
      const key = derInput(concatBytes(X25519_SPKI, peerPublicKey));
      const publicKey = this.#crypto.createPublicKey({ key, format: "der", type: "spki" });
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
