/**
 * The Rust core where WebAssembly comes as a module import only (Cloudflare Workers and other hosts
 * over workerd). Deno, Bun, Node and browsers need none of this: they compile what the package inlines.
 *
 * @example
 * ```ts ignore
 * import { DtlsConnection } from "@sterna/webrtc/dtls";
 * import core from "@sterna/webrtc/sterna_crypto.wasm";
 * import { selectCrypto, useWasmModule } from "@sterna/webrtc/wasm";
 *
 * useWasmModule(core); // once, before anything else
 * const crypto = selectCrypto(); // AES-GCM from the core, the rest in TypeScript
 * const connection = new DtlsConnection({ crypto, ...options });
 * ```
 *
 * @module
 */
import type { SrtpCipherProvider } from "../srtp/mod.ts";
import { selectSrtp as select } from "./srtp_policy.ts";

export type * from "../crypto/mod.ts";
export type * from "../srtp/mod.ts";
export { selectCrypto } from "./crypto_policy.ts";
export { type CompiledModule, useWasmModule } from "./wasm_core.ts";

/**
 * The fastest SRTP of this host.
 *
 * @throws {CryptoError} `unsupported` when `STERNA_CRYPTO` asks for a provider that is not there
 */
export function selectSrtp(): SrtpCipherProvider {
  return select();
}
