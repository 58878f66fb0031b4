import { CryptoError, type CryptoProvider, tsCrypto } from "../crypto/mod.ts";
import { aeadByLength } from "./by_length_aead.ts";
import { environmentVariable } from "./environment.ts";
import { nativeCrypto } from "./native_crypto.ts";
import { type RuntimeName, runtimeName } from "./runtime.ts";
import { wasmCrypto } from "./wasm_crypto.ts";

/** Groups of primitives that are chosen together, where `node:crypto` and TypeScript compete. */
type Primitive = "hash" | "runningHash" | "hmac" | "keyAgreement" | "signatures";

/** Where a primitive comes from. */
type Source = "ts" | "native";

/** What is chosen in one runtime; `native` where nothing is said. */
interface Policy extends Readonly<Partial<Record<Primitive, Source>>> {
  /**
   * AES-GCM comes from the Rust core for batches whose texts have this many bytes or fewer on
   * average. ChaCha20-Poly1305, which the core lacks, is native.
   */
  readonly wasmAeadBytes: number;
}

/**
 * Which provider is the faster one, measured (µs, native against pure TypeScript):
 *
 * | | Deno 2.9 | Bun 1.4 | Node 20 |
 * |---|---|---|---|
 * | HMAC-SHA1, 100 B | 7.2 / 1.7 | 0.6 / 2.1 | 2.2 / 3.3 |
 * | SHA-256, 100 B | 4.2 / 1.7 | 0.5 / 1.4 | 1.5 / 2.6 |
 * | transcript hash, 1300 B | 8.2 / 9.2 | 1.8 / 12 | 4.2 / 17 |
 * | ECDSA P-256 sign | 590 / 260 | 19 / 240 | 26 / 560 |
 * | ECDSA P-256 verify | 600 / 930 | 54 / 810 | 190 / 2450 |
 * | P-256 agreement | 810 / 1390 | 67 / 1120 | 140 / 3140 |
 * | X25519 agreement | 110 / 670 | 50 / 570 | 560 / 1460 |
 *
 * and AES-128-GCM (µs per record, sealing: native / Rust core, one record a call and a batch; pure
 * TypeScript takes 13 to 21 µs for 1200 B; `bench/aead_bench.ts`):
 *
 * | | Deno 2.9 | Bun 1.4 | Node 20 |
 * |---|---|---|---|
 * | 64 B | 7.0 / 1.0, 6.3 / 0.4 | 0.9 / 0.7, 0.8 / 0.4 | 3.2 / 1.1, 3.4 / 0.6 |
 * | 160 B | 8.1 / 1.3, 5.3 / 0.7 | 0.9 / 1.0, 0.9 / 0.6 | 3.5 / 1.5, 3.5 / 0.9 |
 * | 300 B | 7.2 / 1.6, 8.2 / 1.3 | 1.0 / 1.4, 0.9 / 1.0 | 3.5 / 2.4, 3.4 / 1.4 |
 * | 1200 B | 9.5 / 4.3, 9.2 / 3.8 | 1.2 / 4.0, 1.2 / 3.4 | 3.9 / 6.8, 3.9 / 4.7 |
 * | 16 KiB | 87 / 50, 88 / 50 | 4.3 / 49, 4.1 / 49 | 11 / 82, 11 / 82 |
 *
 * Rows of packets and CRC32c, of the core against TypeScript (ns per packet, batches of 64;
 * `bench/parse_bench.ts`). What lies in the memory of the core is described there in the call that
 * opens it; a packet of SCTP with a checksum of 256 bytes or more that is sent is copied there for it.
 * A single RTP packet outside of a batch is parsed in TypeScript: a call would gain 3 ns and cost a copy.
 *
 * | | Deno 2.9 | Bun 1.4 | Node 20 |
 * |---|---|---|---|
 * | RTP row | 9 / 19 | 6 / 13 | 9 / 19 |
 * | RTP row, one a call | 21 / 24 | 14 / 29 | 21 / 24 |
 * | SCTP row, no checksum | 10 / 42 | 8 / 48 | 9 / 43 |
 * | SCTP row, 60 B, opened with it | 491 / 534 | 483 / 531 | 590 / 628 |
 * | SCTP row, 1188 B, CRC32c | 560 / 912 | 543 / 744 | 513 / 1159 |
 * | the same, opened with it | 4287 / 4565 | 4141 / 4394 | 5207 / 5753 |
 * | CRC32c, 60 B, copied | 58 / 45 | 67 / 46 | 61 / 59 |
 * | CRC32c, 200 B, copied | 120 / 124 | 124 / 126 | 115 / 177 |
 * | CRC32c, 1188 B, copied | 591 / 703 | 571 / 691 | 532 / 1030 |
 *
 * Signing stays native in Deno against the clock: it happens once per handshake, and constant time is
 * worth more there than 0.3 ms.
 */
const POLICY: Readonly<Record<RuntimeName, Policy>> = {
  deno: { hash: "ts", hmac: "ts", wasmAeadBytes: Infinity },
  bun: { wasmAeadBytes: 160 },
  node: { wasmAeadBytes: 500 },
};

/**
 * The fastest provider of each primitive in this runtime. `STERNA_CRYPTO=ts`, `native` or `wasm` in
 * the environment forces one; what the Rust core lacks then comes from where it is fastest. Where
 * WebAssembly is refused, the policy does without it.
 *
 * @throws {CryptoError} `unsupported` when the environment asks for a provider that is not there
 */
export function selectCrypto(): CryptoProvider {
  const forced = environmentVariable("STERNA_CRYPTO");
  const native = nativeCrypto();
  if (forced === "ts") return tsCrypto;
  if (forced === "native" && native !== undefined) return native;
  const best = combine(native ?? tsCrypto, POLICY[runtimeName()]);
  const wasm = forced === "wasm" ? wasmCrypto(best) : undefined;
  if (wasm !== undefined) return wasm;
  if (forced !== undefined && forced !== "") {
    throw new CryptoError("unsupported", `STERNA_CRYPTO=${forced}: no such provider here`);
  }
  return best;
}

function combine(native: CryptoProvider, policy: Policy): CryptoProvider {
  const used = new Set([native.name]);
  const from = (primitive: Primitive): CryptoProvider => {
    const provider = policy[primitive] === "ts" ? tsCrypto : native;
    used.add(provider.name);
    return provider;
  };
  const wasm = wasmCrypto(native);
  if (wasm !== undefined) used.add(wasm.name);
  const chosen = {
    hash: from("hash").hash,
    createHash: from("runningHash").createHash,
    createHmac: from("hmac").createHmac,
    createAead: wasm === undefined
      ? native.createAead
      : aeadByLength(wasm, native, native === tsCrypto ? Infinity : policy.wasmAeadBytes),
    createAeadBatch: (wasm ?? native).createAeadBatch,
    createKeyAgreement: from("keyAgreement").createKeyAgreement,
    generateSigningKey: from("signatures").generateSigningKey,
    importSigningKey: from("signatures").importSigningKey,
    verify: from("signatures").verify,
    crc32c: wasm?.crc32c,
  };
  return { name: [...used].join("+"), ...chosen };
}
