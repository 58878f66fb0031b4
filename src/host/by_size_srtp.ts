import { RTP_COLUMNS, RTP_LENGTH } from "../rtp/mod.ts";
import type { SrtpBatch, SrtpCipher } from "../srtp/mod.ts";

/** The core makes the tags of eight packets side by side when there are so many. */
const SOME_ROWS = 8;

/** From so many packets on it is at its best. */
const MANY_ROWS = 16;

/** How long the packets of a batch have to be, on average, to go to the one that is good at long ones. */
export interface SizeRule {
  /** Bytes, in batches of fewer than 8 packets. */
  readonly few: number;
  /** Bytes, in batches of 8 to 15 packets. */
  readonly some: number;
  /** Bytes, in batches of 16 packets and more. */
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
    const { few, some, many } = this.#rule;
    const limit = count < SOME_ROWS ? few : count < MANY_ROWS ? some : many;
    return total < limit * count ? this.#short : this.#long;
  }
}
