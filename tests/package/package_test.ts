import assert from "node:assert/strict";
import { NEEDS_HOST } from "../../tools/package/bundle.ts";
import { entryPoints } from "../../tools/package/exports.ts";
import { npm, packageMissing, packageProgram } from "../../tools/packages.ts";
import { root, runProcess } from "../../tools/test/process.ts";
import { findBun } from "../../tools/test/runners.ts";
import { VERSIONS } from "../../tools/versions.ts";
import { requireAll, test } from "../harness.ts";

const here = `${root}tests/package`;
const folder = await Deno.makeTempDir({ prefix: "sterna-package-" });
const program = `${folder}/two_peers.mjs`;
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

let installed = false;
const NOT_INSTALLED = "the package was not installed: see the first test";

/** Runs a program in the consumer's folder and demands that it ends well, and by itself. */
async function run(command: string, ...args: string[]): Promise<string> {
  const result = await runProcess({ command, args, cwd: folder, limitMs: 60_000 });
  assert.ok(!result.timedOut, `it did not end by itself:\n${result.output}`);
  assert.equal(result.code, 0, result.output);
  return result.output;
}

test("the tarball of `npm pack` installs into an empty folder", async () => {
  const dist = `${folder}/dist`;
  await run(Deno.execPath(), "run", "--allow-all", `${root}tools/build.ts`, "--out", dist);
  const packed = await npm(["pack", "./dist", "--silent"], folder);
  await Deno.remove(dist, { recursive: true });
  await Deno.writeTextFile(`${folder}/package.json`, '{ "private": true, "type": "module" }\n');
  await npm(
    ["install", "--no-audit", "--no-fund", `./${packed.trim().split("\n").at(-1)}`],
    folder,
  );
  await Deno.copyFile(`${here}/two_peers.mjs`, program);
  await Deno.copyFile(`${here}/consumer.ts`, `${folder}/consumer.ts`);
  installed = true;
});

test("two peers connect and end by themselves in Node", async () => {
  assert.ok(installed, NOT_INSTALLED);
  assert.equal(await run("node", program), "hello, world");
});

// The newer releases are a download of 100 MB: only where everything is required.
for (const name of requireAll ? ["node-24", "node-26"] as const : []) {
  const missing = await packageMissing(name);
  test(`two peers connect and end by themselves in ${name}`, async () => {
    assert.ok(installed, NOT_INSTALLED);
    assert.equal(await run(await packageProgram(name, "node"), program), "hello, world");
  }, { skip: missing });
}

test("two peers connect and end by themselves in Bun", async () => {
  assert.ok(installed, NOT_INSTALLED);
  assert.equal(await run(await findBun(), program), "hello, world");
});

test("two peers connect and end by themselves in Deno, from node_modules", async () => {
  assert.ok(installed, NOT_INSTALLED);
  const output = await run(Deno.execPath(), "run", "--allow-all", program);
  assert.equal(output, "hello, world");
});

test("every entry point can be imported, and requires no global", async () => {
  assert.ok(installed, NOT_INSTALLED);
  const names = Object.keys(await entryPoints()).map((name) => name.replace(/^\./, ""));
  const imports = names.map((name) => `await import("@sterna/webrtc${name}");`).join("");
  await run("node", "--input-type=module", "--eval", imports);
});

test("the parts without sockets bundle for an edge host, with no node: module", async () => {
  assert.ok(installed, NOT_INSTALLED);
  const names = Object.keys(await entryPoints())
    .filter((name) => !NEEDS_HOST.has(name))
    .map((name) => name.slice(1));
  const contents = names.map((name) =>
    `export * as a${names.indexOf(name)} from "@sterna/webrtc${name}";`
  );
  await Deno.writeTextFile(`${folder}/edge.mjs`, contents.join("\n"));
  const esbuild = `${root}node_modules/esbuild/bin/esbuild`;
  const flags = ["--bundle", "--platform=browser", "--format=esm", "--outfile=edge_bundle.mjs"];
  await run("node", esbuild, "edge.mjs", "--log-level=error", ...flags);
});

const noWorkerd = await packageMissing("workerd");

test("a worker takes the Rust core as a module import: AES-GCM and SRTP come from it", async () => {
  assert.ok(installed, NOT_INSTALLED);
  await Deno.copyFile(`${here}/edge_worker.mjs`, `${folder}/edge_worker.mjs`);
  await Deno.copyFile(`${here}/edge_worker.capnp`, `${folder}/edge_worker.capnp`);
  const esbuild = `${root}node_modules/esbuild/bin/esbuild`;
  const flags = ["--bundle", "--format=esm", "--external:*.wasm", "--outfile=edge_bundle.mjs"];
  await run("node", esbuild, "edge_worker.mjs", "--log-level=error", ...flags);
  await run(await packageProgram("workerd", "workerd"), "test", "edge_worker.capnp");
}, { skip: noWorkerd });

test("the declarations hold for a consumer: nodenext and bundler, with and without DOM", async () => {
  assert.ok(installed, NOT_INSTALLED);
  const types = `@types/node@${VERSIONS["@types/node"]}`;
  const typescript = `typescript@${VERSIONS.typescript}`;
  await npm(["install", "--no-audit", "--no-fund", types, typescript], folder);
  const flags = "--noEmit --strict --target es2022 --types node --exactOptionalPropertyTypes";
  for (const lib of ["es2024", "es2024,dom"]) {
    for (const mode of [["nodenext", "nodenext"], ["esnext", "bundler"]] as const) {
      const kind = ["--module", mode[0], "--moduleResolution", mode[1], "--lib", lib];
      await run(
        "node",
        "node_modules/typescript/bin/tsc",
        ...flags.split(" "),
        ...kind,
        "consumer.ts",
      );
    }
  }
});
