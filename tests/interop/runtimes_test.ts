/** Sterna in Node and in Bun, where its process also has to end by itself once it has closed. */
import { npmMissing, npmPeer, sternaProgram } from "./peers/npm.ts";
import { nodeAgent } from "./peers/scripts.ts";
import { interop } from "./suite.ts";

await nodeAgent("sterna");

for (const runtime of ["node", "bun"] as const) {
  for (const name of ["node-datachannel", "werift"] as const) {
    interop({
      name: `${name}, in ${runtime}`,
      missing: await npmMissing(name),
      start: () => npmPeer(name),
      // Bulk and restarts are shown in Deno; here it is the host below that is new.
      only: /candidates|messages|channel|closes/,
      startSterna: () => sternaProgram(runtime),
    });
  }
}
