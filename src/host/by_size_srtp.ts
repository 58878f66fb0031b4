import { RTP_COLUMNS, RTP_LENGTH } from "../rtp/mod.ts";
import type { SrtpBatch, SrtpCipher } from "../srtp/mod.ts";

/** Packets from which on the core works on several side by side. */
const MANY_ROWS = 5;

/** How long the packets of a batch have to be, on average, to go to the one that is good at long ones. */
export interface SizeRule {
  /** Bytes, in batches of fewer than five packets. */
  readonly few: number;
  /** Bytes, in batches of five packets and more. */
  readonly many: number;
}

/** One key in two providers: each batch goes to the one that is quicker with its like. */
export class BySizeSrtpCipher implements SrtpCipher {
  readonly #short: SrtpCipher;
  readonly #long: SrtpCipher;
  readonly #rule: SizeRule;

  /** @param short takes shorter packets, and RTCP; `long` the others */
  constructor(short: SrtpCipher, long: SrtpCipher, rule: SizeRule) {
    this.#short = short;
    this.#long = long;
    this.#rule = rule;
  }

  protect(batch: SrtpBatch): void {
    this.#choose(batch).protect(batch);
  }

  unprotect(batch: SrtpBatch): void {
    this.#choose(batch).unprotect(batch);
  }

  protectControl(batch: SrtpBatch): void {
    this.#short.protectControl(batch);
  }

  unprotectControl(batch: SrtpBatch): void {
    this.#short.unprotectControl(batch);
  }

  dispose(): void {
    this.#short.dispose();
    this.#long.dispose();
  }

  #choose({ rows, count }: SrtpBatch): SrtpCipher {
    let total = 0;
    for (let at = RTP_LENGTH; at < count * RTP_COLUMNS; at += RTP_COLUMNS) total += rows[at]!;
    const limit = count < MANY_ROWS ? this.#rule.few : this.#rule.many;
    return total < limit * count ? this.#short : this.#long;
  }
}
