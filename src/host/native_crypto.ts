import type * as NodeCrypto from "node:crypto";
import {
  AEAD_KEY_BYTES,
  createPlainAeadBatch,
  CryptoError,
  type CryptoProvider,
  type HashAlgorithm,
  type HmacKey,
  type RunningHash,
  tsCrypto,
} from "../crypto/mod.ts";
import { NativeAeadKey } from "./native_aead.ts";
import { nativeKeyAgreement } from "./native_key_agreement.ts";
import {
  nativeGenerateSigningKey,
  nativeImportSigningKey,
  nativeVerify,
  nodeHashName,
} from "./native_signing.ts";
import { builtinModule } from "./node_modules.ts";

class NativeRunningHash implements RunningHash {
  readonly #hash: NodeCrypto.Hash;

  constructor(crypto: typeof NodeCrypto, algorithm: HashAlgorithm) {
    this.#hash = crypto.createHash(nodeHashName(algorithm));
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Uint8Array {
    return new Uint8Array(this.#hash.copy().digest());
  }
}

class NativeHmacKey implements HmacKey {
  readonly #crypto: typeof NodeCrypto;
  readonly #name: string;
  readonly #key: NodeCrypto.KeyObject;

  constructor(crypto: typeof NodeCrypto, algorithm: HashAlgorithm, key: Uint8Array) {
    this.#crypto = crypto;
    this.#name = nodeHashName(algorithm);
    this.#key = crypto.createSecretKey(key);
  }

  sign(...parts: readonly Uint8Array[]): Uint8Array {
    const hmac = this.#crypto.createHmac(this.#name, this.#key);
    for (const part of parts) hmac.update(part);
    return new Uint8Array(hmac.digest());
  }
}

/**
 * The provider over node:crypto, which Deno and Bun have too, or `undefined` where there is none.
 * ECDSA signatures take their nonces from OpenSSL, so two runs with the same entropy differ there.
 */
export function nativeCrypto(): CryptoProvider | undefined {
  const crypto = builtinModule("node:crypto");
  return crypto === undefined ? undefined : createNative(crypto);
}

function createNative(crypto: typeof NodeCrypto): CryptoProvider {
  // Bun's node:crypto has no ChaCha20-Poly1305.
  const hasChaCha = crypto.getCiphers().includes("chacha20-poly1305");
  return {
    name: "native",
    createHash: (algorithm) => new NativeRunningHash(crypto, algorithm),
    hash: (algorithm, data) =>
      new Uint8Array(crypto.createHash(nodeHashName(algorithm)).update(data).digest()),
    createHmac: (algorithm, key) => new NativeHmacKey(crypto, algorithm, key),
    createAead: (algorithm, key) => {
      if (algorithm === "chacha20-poly1305" && !hasChaCha) {
        return tsCrypto.createAead(algorithm, key);
      }
      if (key.length !== AEAD_KEY_BYTES[algorithm]) {
        throw new CryptoError("invalid-key", `${algorithm}: ${AEAD_KEY_BYTES[algorithm]} bytes`);
      }
      return new NativeAeadKey(crypto, algorithm, key);
    },
    createAeadBatch: createPlainAeadBatch,
    createKeyAgreement: (curve, entropy) => nativeKeyAgreement(crypto, curve, entropy),
    generateSigningKey: (algorithm, entropy) =>
      nativeGenerateSigningKey(crypto, algorithm, entropy),
    importSigningKey: (pkcs8) => nativeImportSigningKey(crypto, pkcs8),
    verify: (scheme, info, data, signature) => nativeVerify(crypto, scheme, info, data, signature),
  };
}
