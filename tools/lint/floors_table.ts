/**
 * The floors of the house, in one place. `floors.ts` turns this table into a lint rule,
 * ARCHITECTURE.md into a drawing.
 */

/** Floor of each folder below `src/`. Folders of one floor are strangers to each other. */
export const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  crypto: 1,
  stun: 2,
  rtp: 2,
  sdp: 2,
  dcep: 2,
  ice: 3,
  turn: 3,
  dtls: 3,
  srtp: 3,
  sctp: 3,
  media: 3,
  peer: 4,
  host: 5,
  api: 6,
  signaling: 6,
  sfu: 6,
  dht: 6,
};

/** The floors up to this one hold protocol machines: synchronous, deterministic, no I/O. */
export const HIGHEST_PURE_FLOOR = 4;

/** Sideways imports that the design allows, because that is the natural face for their users. */
export const SIDEWAYS: Readonly<Record<string, readonly string[]>> = {
  sfu: ["api"],
  dht: ["api"],
};

/** npm packages that a folder may import; the others import none. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  crypto: ["@noble/ciphers", "@noble/curves", "@noble/hashes"],
  signaling: ["hono"],
};

/** The only folder that may import `node:` modules: it owns sockets, timers, clock and entropy. */
export const HOST_FOLDER = "host";

/** The built Rust core, which the host alone instantiates. */
export const WASM_ENTRY = "wasm/mod.ts";

/** Folders that a datagram passes through, where a `DataView` or a BigInt costs on every packet. */
export const PACKET_PATH: ReadonlySet<string> = new Set([
  "base",
  "stun",
  "rtp",
  "dcep",
  "ice",
  "turn",
  "dtls",
  "srtp",
  "sctp",
  "peer",
  "host",
]);

/** Longest file without a reason in {@linkcode LONG_FILES}, lines. */
export const MAX_LINES = 400;

/** Files that may be longer than {@linkcode MAX_LINES}, each with its reason. */
export const LONG_FILES: Readonly<Record<string, string>> = {};
