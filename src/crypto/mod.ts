/**
 * Floor 1: the {@linkcode CryptoProvider} interface, its pure-TypeScript provider, and certificates.
 *
 * @module
 */
export * from "./aead.ts";
export * from "./errors.ts";
export * from "./provider.ts";
export { tsCrypto } from "./ts_provider.ts";
