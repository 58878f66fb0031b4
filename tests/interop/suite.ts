import { test } from "../harness.ts";
import { runMatrix } from "./matrix.ts";
import type { Peer } from "./peer.ts";
import { sternaPeer } from "./peers/sterna.ts";

/** One foreign stack, or one way of running it. */
export interface Foreign {
  /** What the test is called after. */
  readonly name: string;
  /** Why it cannot be used here, or `undefined`. */
  readonly missing: string | undefined;
  /** Starts it. */
  start(): Promise<Peer>;
  /** Only some of the scenarios. */
  readonly only?: RegExp;
  /** Where Sterna runs, by default in this process. */
  readonly startSterna?: () => Promise<Peer>;
}

/** Registers the two tests of a stack: Sterna offers, and Sterna answers. */
export function interop({ name, missing, start, only, startSterna }: Foreign): void {
  const run = async (sternaOffers: boolean): Promise<void> => {
    const sterna = await (startSterna?.() ?? sternaPeer());
    try {
      const foreign = await start();
      try {
        const [a, b] = sternaOffers ? [sterna, foreign] : [foreign, sterna];
        await runMatrix(a, b, foreign, only);
      } finally {
        await foreign.close();
      }
    } finally {
      await sterna.close();
    }
  };
  const options = { skip: missing };
  test(`Sterna offers data channels to ${name} (RFC 8831, RFC 9429)`, () => run(true), options);
  test(`Sterna answers data channels of ${name} (RFC 8831, RFC 9429)`, () => run(false), options);
}
