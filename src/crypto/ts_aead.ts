import { AEAD_KEY_BYTES, type AeadAlgorithm, type AeadKey } from "./aead.ts";
import { CryptoError } from "./errors.ts";
import { TsChaChaKey } from "./ts_chacha.ts";
import { TsGcmKey } from "./ts_gcm.ts";

/** Prepares an AEAD key. */
export function tsCreateAead(algorithm: AeadAlgorithm, key: Uint8Array): AeadKey {
  if (key.length !== AEAD_KEY_BYTES[algorithm]) {
    throw new CryptoError("invalid-key", `${algorithm} takes ${AEAD_KEY_BYTES[algorithm]} bytes`);
  }
  return algorithm === "chacha20-poly1305" ? new TsChaChaKey(key) : new TsGcmKey(key);
}
