/** Decisions of a scenario, from its seed. */
import { type Entropy, randomU32, seededEntropy } from "../../src/base/mod.ts";

/** Seeded decisions. */
export class Chance {
  /** For bytes. */
  readonly entropy: Entropy;

  constructor(seed: number) {
    this.entropy = seededEntropy(seed);
  }

  /** 0 … limit − 1. */
  below(limit: number): number {
    return randomU32(this.entropy) % limit;
  }

  /** One of `list`. */
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}
