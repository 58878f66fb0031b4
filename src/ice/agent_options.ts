import type { Entropy } from "../base/mod.ts";
import type { IceCrypto } from "./credentials.ts";
import type { IceTiming } from "./timing.ts";
import type { IceParameters } from "./types.ts";

/** What an agent is made with. */
export interface IceAgentOptions {
  /** Any `CryptoProvider`. */
  readonly crypto: IceCrypto;
  /** Where credentials, tie-breakers and transaction IDs come from. */
  readonly entropy: Entropy;
  /** The role to start in; role conflicts are resolved inside. */
  readonly controlling: boolean;
  /** Whether to be a lite agent: on a public address, answering checks only (RFC 8445 §2.5). */
  readonly lite?: boolean;
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  /** What is to differ from `ICE_TIMING`. */
  readonly timing?: Partial<IceTiming>;
  /** Parameters that were signaled before; by default new random ones. */
  readonly localParameters?: IceParameters;
}
