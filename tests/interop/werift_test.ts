import { npmMissing, npmPeer } from "./peers/npm.ts";
import { interop } from "./suite.ts";

interop({
  name: "Werift",
  missing: await npmMissing("werift"),
  start: () => npmPeer("werift"),
});
