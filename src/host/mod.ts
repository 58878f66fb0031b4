/**
 * Floor 5: the machine. {@linkcode detectHost} finds the sockets, clocks and cryptography of Deno, Bun
 * or Node; a {@linkcode VirtualNetwork} makes hosts on virtual time.
 *
 * @module
 */
export { selectCrypto } from "./crypto_policy.ts";
export { detectHost } from "./detect.ts";
export * from "./errors.ts";
export type * from "./host.ts";
export { nativeCrypto } from "./native_crypto.ts";
export { nativeSrtp } from "./native_srtp.ts";
export { selectSrtp } from "./srtp_policy.ts";
export * from "./testing.ts";
export * from "./driver.ts";
export * from "./udp_port.ts";
export { wasmCrypto } from "./wasm_crypto.ts";
export { wasmSrtp } from "./wasm_srtp.ts";
