import { AEAD_COLUMNS, AEAD_KEY_BYTES, CryptoError, type CryptoProvider } from "../crypto/mod.ts";
import { WasmAeadBatch, WasmGcmKey } from "./wasm_aead.ts";
import { type WasmCores, wasmCores } from "./wasm_core.ts";

/**
 * The provider over the Rust core, which has AES-GCM, or `undefined` where WebAssembly with SIMD is
 * refused.
 *
 * @param rest where every other primitive comes from, and keys and batches that find no room
 * @param cores instances to use instead of the shared ones; `null` where there are none
 */
export function wasmCrypto(
  rest: CryptoProvider,
  cores: WasmCores | null = wasmCores(),
): CryptoProvider | undefined {
  if (cores === null) return undefined;
  return {
    ...rest,
    name: "wasm",
    createAead: (algorithm, key) => {
      if (algorithm === "chacha20-poly1305") return rest.createAead(algorithm, key);
      if (key.length !== AEAD_KEY_BYTES[algorithm]) {
        throw new CryptoError("invalid-key", `${algorithm}: ${AEAD_KEY_BYTES[algorithm]} bytes`);
      }
      const prepared = cores.place((core) => WasmGcmKey.create(core, key));
      return prepared ?? rest.createAead(algorithm, key);
    },
    createAeadBatch: (byteLength, maxRows) => {
      const arena = cores.place((core) => core.newArena(maxRows * AEAD_COLUMNS, byteLength));
      return arena ? new WasmAeadBatch(arena) : rest.createAeadBatch(byteLength, maxRows);
    },
  };
}
