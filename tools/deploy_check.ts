/**
 * Builds every project of `examples/deploy` with the command of its users, starts it on this machine,
 * asks it what a deployment must do, and stops it.
 *
 * ```sh
 * deno task deploy:check
 * deno task deploy:check node bun
 * ```
 *
 * @module
 */
import { buildProject } from "./deploy/build.ts";
import { deployHosts } from "./deploy/hosts.ts";
import { startProject } from "./deploy/server.ts";
import { smoke, SMOKE_ENV } from "./deploy/smoke.ts";

if (import.meta.main) {
  const chosen = deployHosts.filter(({ name }) =>
    Deno.args.length === 0 || Deno.args.includes(name)
  );
  let failed = 0;
  console.log(`${"project".padEnd(14)}${"bundle".padStart(10)}${"gzip".padStart(10)}`);
  for (const host of chosen) {
    try {
      const { bytes, gzipBytes } = await buildProject(host);
      const server = await startProject(host, SMOKE_ENV);
      let wentByItself = false;
      try {
        await smoke(server.base);
      } finally {
        wentByItself = await server.stop();
      }
      if (host.drains && !wentByItself) throw new Error("it does not end by itself on SIGTERM");
      console.log(`${host.name.padEnd(14)}${kilobytes(bytes)}${kilobytes(gzipBytes)}   ✓`);
    } catch (error) {
      failed++;
      console.log(`${host.name.padEnd(14)}✗ ${(error as Error).message}`);
    }
  }
  console.log(`\n${chosen.length - failed} passed, ${failed} failed`);
  Deno.exit(failed === 0 && chosen.length > 0 ? 0 : 1);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
}
