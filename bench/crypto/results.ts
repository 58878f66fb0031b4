/**
 * The lines of `--json`: one object per line, told apart by `kind`.
 *
 * @module
 */
import type { SrtpProfile } from "../../src/srtp/mod.ts";

/** Which way a packet goes. */
export type Direction = "protect" | "unprotect";

/** Time per packet. */
export interface PacketResult {
  readonly kind: "packet";
  /** `node`, `node-26`, `deno`, `bun`, `workerd`, or `native` for the programs in C. */
  readonly runtime: string;
  /** Of the runtime, or of the library in C. */
  readonly version: string;
  readonly profile: SrtpProfile;
  /** Behind a header of 12 bytes. */
  readonly payloadBytes: number;
  /**
   * `sterna` is what a host chooses; `wasm`, `hybrid`, `native` and `ts` are its providers, each
   * forced; then the others.
   */
  readonly subject: string;
  /** Packets per call. */
  readonly batch: number;
  readonly direction: Direction;
  /** Nanoseconds per packet, the median of the rounds. */
  readonly ns: number;
  /** The tag of the first packet in hexadecimal: the same for all subjects. */
  readonly check: string;
  /** Which of several ways was the quickest. */
  readonly detail?: string;
  /** For the programs in C: the runtime just before which they ran. */
  readonly beside?: string;
}

/** Memory that the garbage collector has to clear away. */
export interface AllocationResult {
  readonly kind: "allocation";
  readonly runtime: string;
  readonly version: string;
  readonly profile: SrtpProfile;
  readonly payloadBytes: number;
  readonly subject: string;
  readonly batch: number;
  /** Packets that were protected and unprotected. */
  readonly packets: number;
  /** Growth of heap and buffers for a packet that is protected and unprotected. */
  readonly bytesPerPacket: number;
  /** Whether the packets lie in the memory of WebAssembly: then nothing is copied, either. */
  readonly inWasmMemory?: boolean;
}

/** From nothing to the first protected packet, the quickest of several fresh processes. */
export interface StartResult {
  readonly kind: "start";
  readonly runtime: string;
  readonly version: string;
  /** Reading and evaluating the modules, milliseconds. */
  readonly importMs: number;
  /** Choosing a provider, making keys, and the first packet, milliseconds. */
  readonly firstPacketMs: number;
  /** What the tenth packet takes, microseconds. */
  readonly tenthPacketUs: number;
}

/** What could not be measured, and why. */
export interface NoteResult {
  readonly kind: "note";
  readonly runtime: string;
  readonly text: string;
}

/** One line. */
export type CryptoBenchResult = PacketResult | AllocationResult | StartResult | NoteResult;

/** Reads a line, or answers `undefined` when it is none of ours. */
export function parseLine(line: string): CryptoBenchResult | undefined {
  if (!line.startsWith('{"kind":')) return undefined;
  try {
    const parsed = JSON.parse(line) as CryptoBenchResult;
    return isResult(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isResult(result: CryptoBenchResult): boolean {
  switch (result.kind) {
    case "packet":
      return result.ns > 0 && result.batch > 0 && /^([0-9a-f]{2})+$/.test(result.check);
    case "allocation":
      return Number.isFinite(result.bytesPerPacket) && result.packets > 0;
    case "start":
      return result.importMs > 0 && result.firstPacketMs > 0;
    case "note":
      return result.text !== "";
    default:
      return false;
  }
}
