import { npmMissing, npmPeer } from "./peers/npm.ts";
import { interop } from "./suite.ts";

interop({
  name: "libdatachannel (node-datachannel)",
  missing: await npmMissing("node-datachannel"),
  start: () => npmPeer("node-datachannel"),
});
