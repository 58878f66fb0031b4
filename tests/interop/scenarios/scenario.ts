import type { Link } from "../link.ts";
import type { Peer } from "../peer.ts";

/** Two stacks that can be connected; `a` offers. */
export interface Pairing {
  readonly a: Peer;
  readonly b: Peer;
  /** Which of them is foreign. */
  readonly foreign: Peer;
}

/** One thing that two stacks do together on connections of their own. */
export interface PairScenario {
  readonly name: string;
  run(pairing: Pairing): Promise<void>;
}

/** One thing that two stacks do together on a connection that other scenarios share. */
export interface LinkScenario {
  readonly name: string;
  run(link: Link, pairing: Pairing): Promise<void>;
}
