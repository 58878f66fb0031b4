import {
  AEAD_COLUMNS,
  AEAD_TEXT_LENGTH,
  type AeadBatch,
  type AeadKey,
  type CryptoProvider,
} from "../crypto/mod.ts";
import { WasmAeadBatch } from "./wasm_aead.ts";

/**
 * One key in two providers: batches of short texts go to the one that starts quickly, batches of
 * long texts to the one that has the better throughput.
 */
class ByLengthAeadKey implements AeadKey {
  readonly #short: AeadKey;
  readonly #long: AeadKey;
  readonly #limit: number;

  constructor(short: AeadKey, long: AeadKey, limit: number) {
    this.#short = short;
    this.#long = long;
    this.#limit = limit;
  }

  seal(batch: AeadBatch): void {
    this.#choose(batch).seal(batch);
  }

  open(batch: AeadBatch): void {
    this.#choose(batch).open(batch);
    if (batch instanceof WasmAeadBatch) batch.parsePackets();
  }

  dispose(): void {
    this.#short.dispose();
    this.#long.dispose();
  }

  #choose({ rows, count }: AeadBatch): AeadKey {
    let total = 0;
    for (let at = AEAD_TEXT_LENGTH; at < count * AEAD_COLUMNS; at += AEAD_COLUMNS) {
      total += rows[at]!;
    }
    return total <= this.#limit * count ? this.#short : this.#long;
  }
}

/**
 * A `createAead` whose AES-GCM keys take batches with a mean text of at most `limitBytes` to `short`,
 * others to `long`, which also has every other algorithm.
 */
export function aeadByLength(
  short: CryptoProvider,
  long: CryptoProvider,
  limitBytes: number,
): CryptoProvider["createAead"] {
  return (algorithm, key) => {
    if (algorithm === "chacha20-poly1305") return long.createAead(algorithm, key);
    const quick = short.createAead(algorithm, key);
    if (limitBytes === Infinity) return quick;
    return new ByLengthAeadKey(quick, long.createAead(algorithm, key), limitBytes);
  };
}
