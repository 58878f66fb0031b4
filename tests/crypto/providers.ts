/** The providers that every test of this folder runs against, and helpers for them. */
import { type CryptoProvider, tsCrypto } from "../../src/crypto/mod.ts";
import { type Entropy, hexDecode } from "../../src/base/mod.ts";
import { nativeCrypto } from "../../src/host/native_crypto.ts";
import { WASM_BUILDS, WasmCores, wasmModule } from "../../src/host/wasm_core.ts";
import { wasmCrypto } from "../../src/host/wasm_crypto.ts";

const native = nativeCrypto();

/** Pure TypeScript everywhere, node:crypto where the runtime has it. */
export const providers: readonly CryptoProvider[] = native ? [tsCrypto, native] : [tsCrypto];

/** The builds of the Rust core that the runtime accepts; they have AEADs of their own only. */
export const wasmProviders: readonly CryptoProvider[] = WASM_BUILDS.flatMap((build) => {
  const module = wasmModule(build);
  const provider = module && wasmCrypto(tsCrypto, new WasmCores(module));
  return provider ? [{ ...provider, name: `wasm (${build})` }] : [];
});

/** Bytes of a literal. */
export function hex(text: string): Uint8Array {
  const bytes = hexDecode(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

/** `byte` repeated. */
export function repeat(byte: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

/** Entropy that yields exactly `bytes`, for vectors that name the secret. */
export function fixedEntropy(bytes: Uint8Array): Entropy {
  return (out) => out.set(bytes.subarray(0, out.length));
}

/** base64url (RFC 4648 §5), which JOSE's vectors are written in. */
export function base64url(text: string): Uint8Array {
  return Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")),
    (char) => char.charCodeAt(0),
  );
}
