/**
 * Floor 1: the {@linkcode CryptoProvider} interface, its pure-TypeScript provider, and certificates.
 *
 * @module
 */
export { type Entropy, SternaError } from "../base/mod.ts";
export * from "./aead.ts";
export * from "./aes.ts";
export * from "./certificate.ts";
export * from "./der_reader.ts";
export * from "./der_writer.ts";
export * from "./errors.ts";
export * from "./fingerprint.ts";
export * from "./ghash.ts";
export * from "./hmac_sha1.ts";
export { randomP256Secret } from "./p256_secret.ts";
export * from "./pkcs8.ts";
export * from "./provider.ts";
export * from "./public_key.ts";
export * from "./record_aead.ts";
export * from "./signature_scheme.ts";
export type { SrtpProfile } from "./srtp_profile.ts";
export { tsCrypto } from "./ts_provider.ts";
export * from "./x509.ts";
export * from "./x509_create.ts";
