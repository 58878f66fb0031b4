import { AEAD_KEY_BYTES, CryptoError, type CryptoProvider } from "../crypto/mod.ts";
import { WasmGcmKey } from "./wasm_aead.ts";
import { type WasmCore, wasmCore } from "./wasm_core.ts";

/**
 * The provider over the Rust core, which has AES-GCM, or `undefined` where WebAssembly with SIMD is
 * refused.
 *
 * @param rest where every other primitive comes from
 * @param core an instance to use instead of the shared one; `null` where there is none
 */
export function wasmCrypto(
  rest: CryptoProvider,
  core: WasmCore | null = wasmCore(),
): CryptoProvider | undefined {
  if (core === null) return undefined;
  return {
    ...rest,
    name: "wasm",
    createAead: (algorithm, key) => {
      if (algorithm === "chacha20-poly1305") return rest.createAead(algorithm, key);
      if (key.length !== AEAD_KEY_BYTES[algorithm]) {
        throw new CryptoError("invalid-key", `${algorithm}: ${AEAD_KEY_BYTES[algorithm]} bytes`);
      }
      return new WasmGcmKey(core, key);
    },
  };
}
