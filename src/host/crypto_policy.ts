import { CryptoError, type CryptoProvider, tsCrypto } from "../crypto/mod.ts";
import { environmentVariable } from "./environment.ts";
import { nativeCrypto } from "./native_crypto.ts";
import { type RuntimeName, runtimeName } from "./runtime.ts";
import { wasmCrypto } from "./wasm_crypto.ts";

/** Groups of primitives that are chosen together. */
type Primitive = "hash" | "runningHash" | "hmac" | "aead" | "keyAgreement" | "signatures";

/** Where a primitive comes from. */
type Source = "ts" | "native" | "wasm";

/**
 * Which provider is the faster one, measured (µs, native against pure TypeScript):
 *
 * | | Deno 2.9 | Bun 1.4 | Node 20 |
 * |---|---|---|---|
 * | AES-128-GCM, 1200 B | 12 / 18 | 1.5 / 18 | 7 / 18 |
 * | HMAC-SHA1, 100 B | 7.2 / 1.7 | 0.6 / 2.1 | 2.2 / 3.3 |
 * | SHA-256, 100 B | 4.2 / 1.7 | 0.5 / 1.4 | 1.5 / 2.6 |
 * | transcript hash, 1300 B | 8.2 / 9.2 | 1.8 / 12 | 4.2 / 17 |
 * | ECDSA P-256 sign | 590 / 260 | 19 / 240 | 26 / 560 |
 * | ECDSA P-256 verify | 600 / 930 | 54 / 810 | 190 / 2450 |
 * | P-256 agreement | 810 / 1390 | 67 / 1120 | 140 / 3140 |
 * | X25519 agreement | 110 / 670 | 50 / 570 | 560 / 1460 |
 *
 * Signing stays native in Deno against the clock: it happens once per handshake, and constant time is
 * worth more there than 0.3 ms.
 */
const POLICY: Readonly<Record<RuntimeName, Readonly<Partial<Record<Primitive, Source>>>>> = {
  deno: { hash: "ts", hmac: "ts", aead: "wasm" },
  bun: {},
  node: {},
};

/**
 * The fastest provider of each primitive in this runtime. `STERNA_CRYPTO=ts`, `native` or `wasm` in
 * the environment forces one; what the Rust core lacks then comes from the fastest other one. Where
 * WebAssembly is refused, the policy does without it.
 *
 * @throws {CryptoError} `unsupported` when the environment asks for a provider that is not there
 */
export function selectCrypto(): CryptoProvider {
  const forced = environmentVariable("STERNA_CRYPTO");
  const native = nativeCrypto();
  if (forced === "ts") return tsCrypto;
  if (forced === "native" && native !== undefined) return native;
  const best = combine(native, POLICY[runtimeName()]);
  const wasm = forced === "wasm" ? wasmCrypto(best) : undefined;
  if (wasm !== undefined) return wasm;
  if (forced !== undefined && forced !== "") {
    throw new CryptoError("unsupported", `STERNA_CRYPTO=${forced}: no such provider here`);
  }
  return best;
}

function combine(
  native: CryptoProvider | undefined,
  policy: Readonly<Partial<Record<Primitive, Source>>>,
): CryptoProvider {
  const fallback = native ?? tsCrypto;
  const used = new Set<CryptoProvider>();
  const from = (primitive: Primitive): CryptoProvider => {
    const source = policy[primitive] ?? "native";
    const wanted = source === "ts" ? tsCrypto : source === "wasm" ? wasmCrypto(fallback) : native;
    const provider = wanted ?? fallback;
    used.add(provider);
    return provider;
  };
  const chosen = {
    hash: from("hash").hash,
    createHash: from("runningHash").createHash,
    createHmac: from("hmac").createHmac,
    createAead: from("aead").createAead,
    createKeyAgreement: from("keyAgreement").createKeyAgreement,
    generateSigningKey: from("signatures").generateSigningKey,
    importSigningKey: from("signatures").importSigningKey,
    verify: from("signatures").verify,
  };
  return { name: [...used].map((provider) => provider.name).join("+"), ...chosen };
}
