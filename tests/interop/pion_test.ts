import { pionMissing, pionPeer } from "./peers/pion.ts";
import { interop } from "./suite.ts";

interop({ name: "pion", missing: await pionMissing(), start: pionPeer });
