/**
 * The fastest cryptography of this host, for those who use a layer alone: `RTCPeerConnection` finds it
 * by itself. Deno, Bun, Node and browsers compile the Rust core that the package holds; Cloudflare
 * Workers, and other hosts over workerd, take it as a module import instead.
 *
 * @example SRTP alone, at full speed
 * ```ts
 * import { selectSrtp } from "@sterna/webrtc/providers";
 * import { SrtpSender } from "@sterna/webrtc/srtp";
 *
 * const sender = new SrtpSender({
 *   profile: "SRTP_AEAD_AES_128_GCM",
 *   masterKey: crypto.getRandomValues(new Uint8Array(16)),
 *   masterSalt: crypto.getRandomValues(new Uint8Array(12)),
 *   ciphers: selectSrtp(),
 * });
 * const batch = sender.createBatch(64 * 1500, 64);
 * batch.release();
 * sender.dispose();
 * ```
 *
 * @example Cloudflare Workers
 * ```ts ignore
 * import { DtlsConnection } from "@sterna/webrtc/dtls";
 * import core from "@sterna/webrtc/sterna_crypto.wasm";
 * import { selectCrypto, useWasmModule } from "@sterna/webrtc/providers";
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
