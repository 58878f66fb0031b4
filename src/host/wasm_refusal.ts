import { environmentVariable } from "./environment.ts";
import { type WasmCores, wasmCores } from "./wasm_core.ts";

/** Types of the global, which may be missing. */
interface WasmGlobals {
  readonly WebAssembly?: { validate(bytes: Uint8Array<ArrayBuffer>): boolean };
}

/** The smallest module with SIMD: a function that returns the number of a lane of a constant. */
const SIMD_MODULE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f], // types: () → i32
  ...[0x03, 0x02, 0x01, 0x00], // functions: one of that type
  ...[0x0a, 0x19, 0x01, 0x17, 0x00, 0xfd, 0x0c], // code: v128.const
  ...new Uint8Array(16),
  ...[0xfd, 0x1b, 0x00, 0x0b], // i32x4.extract_lane 0, end
]);

/**
 * Why the Rust core is not in use, for those who read statistics; `undefined` when it is, or when
 * `STERNA_CRYPTO` says that it should not.
 *
 * @param cores instances that there are instead of the shared ones
 */
export function cryptoFallback(cores: WasmCores | null = wasmCores()): string | undefined {
  if (cores !== null) return undefined;
  const forced = environmentVariable("STERNA_CRYPTO");
  return forced === "ts" || forced === "native" ? undefined : wasmRefusal();
}

function wasmRefusal(): string {
  const { WebAssembly: wasm } = globalThis as WasmGlobals;
  if (wasm === undefined) return "no WebAssembly";
  return wasm.validate(SIMD_MODULE) ? "WebAssembly refused" : "no SIMD in WebAssembly";
}
