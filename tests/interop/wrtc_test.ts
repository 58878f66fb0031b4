import { npmMissing, npmPeer } from "./peers/npm.ts";
import { interop } from "./suite.ts";

interop({
  name: "libwebrtc (@roamhq/wrtc)",
  missing: await npmMissing("@roamhq/wrtc"),
  start: () => npmPeer("@roamhq/wrtc"),
});
