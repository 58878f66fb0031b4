import { aiortcMissing, aiortcPeer } from "./peers/aiortc.ts";
import { interop } from "./suite.ts";

interop({ name: "aiortc", missing: await aiortcMissing(), start: aiortcPeer });
