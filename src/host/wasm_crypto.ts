import { AEAD_COLUMNS, AEAD_KEY_BYTES, CryptoError, type CryptoProvider } from "../crypto/mod.ts";
import { SCTP_COLUMNS } from "../sctp/mod.ts";
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
  const first = cores?.place((core) => core);
  if (cores === null || first === undefined) return undefined;
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
    createAeadBatch: (byteLength, maxRows, content) => {
      const numbers = maxRows * (AEAD_COLUMNS + (content === "sctp" ? SCTP_COLUMNS : 0));
      const arena = cores.place((core) => core.newArena(numbers, byteLength));
      if (arena === undefined) return rest.createAeadBatch(byteLength, maxRows);
      return new WasmAeadBatch(arena, maxRows);
    },
    crc32c: (bytes, at, end) => first.crc32c(bytes, at, end),
  };
}
