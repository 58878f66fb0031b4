/**
 * Writes the npm package: JavaScript split by entry point, declarations, `package.json` with the
 * same subpath exports as deno.json.
 *
 * ```sh
 * deno task build               # to dist/
 * deno task build --out /tmp/x
 * ```
 *
 * @module
 */
import { parseArgs } from "node:util";
import { bundlePackage } from "./package/bundle.ts";
import { writeDeclarations } from "./package/declarations.ts";
import { entryPoints, readManifest } from "./package/exports.ts";
import { packageJson, WASM_DECLARATION, WASM_FILE } from "./package/package_json.ts";
import { root } from "./test/process.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    /** Where to; the folder is emptied first. */
    out: { type: "string", default: `${root}dist` },
  },
});

const started = performance.now();
const out = values.out.replace(/\/$/, "");
const entries = await entryPoints();
await Deno.remove(out, { recursive: true }).catch(() => {});
await Deno.mkdir(out, { recursive: true });

const bundle = await bundlePackage(entries, out);
const declarations = writeDeclarations(Object.values(entries), `${out}/types`);
const manifest = packageJson(await readManifest(), entries, bundle.packages);
await Deno.writeTextFile(`${out}/package.json`, JSON.stringify(manifest, null, 2) + "\n");
for (const file of ["README.md", "LICENSE", "CHANGELOG.md"]) {
  await Deno.copyFile(root + file, `${out}/${file}`);
}
await Deno.copyFile(`${root}wasm/${WASM_FILE}`, `${out}/${WASM_FILE}`);
await Deno.writeTextFile(`${out}/${WASM_FILE}.d.ts`, WASM_DECLARATION);

console.log(`${out}: ${bundle.files} modules, ${(bundle.bytes / 1024).toFixed(0)} KiB`);
console.log(`${declarations} declarations; depends on ${bundle.packages.join(", ")}`);
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
