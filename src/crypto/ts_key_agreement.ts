/** Ephemeral Diffie-Hellman over @noble/curves (RFC 7748, RFC 8422 §5.10). */
import { x25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { type Entropy, randomBytes } from "../base/mod.ts";
import { randomP256Secret } from "./p256_secret.ts";
import type { KeyAgreement, NamedCurve } from "./provider.ts";

class X25519Agreement implements KeyAgreement {
  readonly publicKey: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.publicKey = x25519.getPublicKey(secret);
  }

  deriveSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    if (peerPublicKey.length !== 32) return undefined;
    try {
      // noble throws for the all-zero secret (RFC 7748 §6.1).
      return x25519.getSharedSecret(this.#secret, peerPublicKey);
    } catch {
      return undefined;
    }
  }
}

class P256Agreement implements KeyAgreement {
  readonly publicKey: Uint8Array;
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.publicKey = p256.getPublicKey(secret, false);
  }

  deriveSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    if (peerPublicKey.length !== 65 || peerPublicKey[0] !== 4) return undefined;
    try {
      // The secret is the x coordinate alone (RFC 8422 §5.10); noble puts a format byte before it.
      return p256.getSharedSecret(this.#secret, peerPublicKey, true).slice(1);
    } catch {
      return undefined;
    }
  }
}

/** Makes an ephemeral key pair. */
export function tsCreateKeyAgreement(curve: NamedCurve, entropy: Entropy): KeyAgreement {
  return curve === "x25519"
    ? new X25519Agreement(randomBytes(entropy, 32))
    : new P256Agreement(randomP256Secret(entropy));
}
