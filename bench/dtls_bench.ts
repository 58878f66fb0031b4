/**
 * Two DTLS connections in one process, records handed from one to the other in batches as the engine
 * does, per crypto provider: µs per record for sealing, staging, opening and reading it, and MB/s, the
 * best of several rounds in which the providers take turns.
 *
 * ```sh
 * deno run --allow-all bench/dtls_bench.ts
 * ```
 *
 * @module
 */
import { type CryptoProvider, tsCrypto } from "../src/crypto/mod.ts";
import type { DtlsConnection } from "../src/dtls/mod.ts";
import { nativeCrypto, selectCrypto, wasmCrypto } from "../src/host/mod.ts";
import { Pair } from "../tests/dtls/support.ts";

const ROUNDS = 9;
const BYTES_PER_ROUND = 2_000_000;

/** Text lengths, and how many records make a batch. */
const CASES = [[60, 64], [1188, 1], [1188, 64], [16_384, 9]] as const;

/** Sends batches until a round is full; µs per record. */
function round(from: DtlsConnection, to: DtlsConnection, size: number, count: number): number {
  const batches = Math.ceil(BYTES_PER_ROUND / size / count);
  let received = 0;
  const start = performance.now();
  for (let batch = 0; batch < batches; batch++) {
    from.openSendBatch();
    for (let i = 0; i < count && from.beginRecord(size) >= 0; i++) from.commitRecord(size);
    from.sealSendBatch();
    for (let d = from.nextSealed(); d !== undefined; d = from.nextSealed()) to.handleInput(0, d);
    to.flushInput(0);
    while (to.nextPlaintext() !== undefined) received++;
  }
  return 1000 * (performance.now() - start) / received;
}

const native = nativeCrypto() ?? tsCrypto;
const providers = [native, wasmCrypto(native), tsCrypto, selectCrypto()].filter((one) =>
  one !== undefined
) as CryptoProvider[];
const pairs = providers.map((crypto) => ({
  name: crypto.name,
  pair: new Pair({ client: { crypto }, server: { crypto } }).connect(),
}));

console.log("µs per record through both ends, and MB/s");
console.log(["bytes", "batch", ...pairs.map(({ name }) => name)].join("\t"));
for (const [size, count] of CASES) {
  const best = pairs.map(() => Infinity);
  for (let n = 0; n < ROUNDS; n++) {
    pairs.forEach(({ pair }, i) => {
      best[i] = Math.min(best[i]!, round(pair.client, pair.server, size, count));
    });
  }
  const figures = best.map((us) => `${us.toFixed(2)} (${(size / us).toFixed(0)})`);
  console.log([size, count, ...figures].join("\t"));
}
