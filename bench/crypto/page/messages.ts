/** What the page and its worker tell each other. */
import type { SrtpProfile } from "../../../src/srtp/mod.ts";

/** To the worker: begin. */
export interface BeginMessage {
  /** Few rounds: shows that it works, not how fast. */
  readonly quick: boolean;
}

/** One provider in one case. */
export interface PageResult {
  readonly provider: "wasm" | "ts";
  readonly profile: SrtpProfile;
  readonly payloadBytes: number;
  /** Packets per call. */
  readonly batch: number;
  /** Nanoseconds per packet. */
  readonly protectNs: number;
  /** Nanoseconds per packet. */
  readonly unprotectNs: number;
}

/** From the worker. */
export type WorkerMessage =
  | { readonly type: "progress"; readonly share: number; readonly text: string }
  | { readonly type: "result"; readonly result: PageResult }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "done" };
