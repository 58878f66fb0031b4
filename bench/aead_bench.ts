/**
 * AEADs per provider, one record and 64 records a call, in place: µs per record, sealing and opening,
 * the best of several rounds that take turns, so that a busy machine disturbs all alike. The table in
 * `src/host/crypto_policy.ts` comes from here. Also runs in Bun, and in Node where that takes
 * TypeScript.
 *
 * ```sh
 * deno run --allow-all bench/aead_bench.ts
 * ```
 *
 * @module
 */
import { AeadBatch, type AeadKey, type CryptoProvider, tsCrypto } from "../src/crypto/mod.ts";
import { nativeCrypto, wasmCrypto } from "../src/host/mod.ts";

const SIZES = [64, 160, 300, 1200, 4096, 16_384];
const ROUNDS = 9;
const BYTES_PER_ROUND = 1_000_000;

/** Overhead of a record as DTLS lays it out: nonce, additional data, header, tag. */
const ADDED_BYTES = 12 + 13 + 21 + 16;

function makeBatch(size: number, count: number): AeadBatch {
  const stride = size + ADDED_BYTES;
  const batch = new AeadBatch(new Uint8Array(count * stride), count);
  for (let at = 0; at < count * stride; at += stride) batch.push(at, at + 12, 13, at + 46, size);
  return batch;
}

/** One round: µs per record, sealing and opening. */
function measure(key: AeadKey, batch: AeadBatch): [seal: number, open: number] {
  const { count } = batch;
  const calls = Math.max(1, Math.ceil(BYTES_PER_ROUND / batch.bytes.length));
  let sealing = 0, opening = 0;
  for (let call = 0; call < calls; call++) {
    const start = performance.now();
    key.seal(batch);
    const middle = performance.now();
    key.open(batch);
    opening += performance.now() - middle;
    sealing += middle - start;
    if (!batch.accepted(count - 1)) throw new Error("refused its own record");
  }
  return [1000 * sealing / calls / count, 1000 * opening / calls / count];
}

const native = nativeCrypto();
const providers = [native, wasmCrypto(native ?? tsCrypto), tsCrypto].filter((one) =>
  one !== undefined
) as CryptoProvider[];

console.log("AES-128-GCM, µs per record: seal / open");
console.log(["bytes", "per call", ...providers.map(({ name }) => name)].join("\t"));
for (const size of SIZES) {
  for (const count of size > 2000 ? [1, 9] : [1, 64]) {
    const runs = providers.map((crypto) => ({
      key: crypto.createAead("aes-128-gcm", new Uint8Array(16)),
      batch: makeBatch(size, count),
      best: [Infinity, Infinity],
    }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const { key, batch, best } of runs) {
        const [seal, open] = measure(key, batch);
        best[0] = Math.min(best[0]!, seal);
        best[1] = Math.min(best[1]!, open);
      }
    }
    const figures = runs.map(({ best }) => best.map((us) => us.toFixed(2)).join(" / "));
    console.log([size, count, ...figures].join("\t"));
    for (const { key } of runs) key.dispose();
  }
}
