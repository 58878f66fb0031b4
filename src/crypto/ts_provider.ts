import { createPlainAeadBatch } from "./aead.ts";
import type { CryptoProvider } from "./provider.ts";
import { tsCreateAead } from "./ts_aead.ts";
import { tsCreateHash, tsCreateHmac, tsHash } from "./ts_hash.ts";
import { tsCreateKeyAgreement } from "./ts_key_agreement.ts";
import { tsGenerateSigningKey, tsImportSigningKey, tsVerify } from "./ts_signing.ts";

/**
 * Pure TypeScript over `@noble/*`: runs wherever JavaScript does. Slower than native code, with table
 * look-ups in AES that are not constant in time, and without RSA private keys.
 *
 * @example
 * ```ts
 * import { tsCrypto } from "@sterna/webrtc/crypto";
 *
 * const mac = tsCrypto.createHmac("sha-1", new TextEncoder().encode("password"));
 * console.log(mac.sign(new Uint8Array([1, 2, 3])).length); // 20
 * ```
 */
export const tsCrypto: CryptoProvider = {
  name: "ts",
  createHash: tsCreateHash,
  hash: tsHash,
  createHmac: tsCreateHmac,
  createAead: tsCreateAead,
  createAeadBatch: createPlainAeadBatch,
  createKeyAgreement: tsCreateKeyAgreement,
  generateSigningKey: tsGenerateSigningKey,
  importSigningKey: tsImportSigningKey,
  verify: tsVerify,
};
