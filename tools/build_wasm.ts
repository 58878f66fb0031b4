/**
 * Builds `rust-crypto/` into `wasm/` with wasm-pack: once with `simd128`, once with `relaxed-simd`.
 * When the versions are those that built what is committed, the bytes must be, too; the build fails
 * otherwise. In any case `wasm/` then holds the fresh build, which the tests run on.
 *
 * ```sh
 * deno task build:wasm
 * ```
 *
 * Needs `rustc` with the target `wasm32-unknown-unknown`, and `wasm-pack`.
 *
 * @module
 */
import { encodeBase64, withoutCustomSections, withoutPanicMessages } from "./wasm/module.ts";
import { root, runProcess } from "./test/process.ts";
import { builderVersions, readVersions, sameVersions } from "./wasm/versions.ts";

const BUILDS = [
  { name: "simd128", constant: "simd128", features: "+simd128" },
  { name: "relaxed-simd", constant: "relaxedSimd", features: "+simd128,+relaxed-simd" },
] as const;

/** The core's vectors are written by hand; the compiler's make the setting of keys larger. */
const HAND_MADE = ["-C", "no-vectorize-loops", "-C", "no-vectorize-slp"];

/** Ten times what a build takes, milliseconds. */
const BUILD_LIMIT_MS = 600_000;

/** The crate's name as wasm-pack writes it. */
const FILE = "sterna_crypto_bg.wasm";

/** The build that hosts import which refuse to compile at run time; all of those have relaxed SIMD. */
const IMPORTED = "wasm/sterna_crypto.wasm";

async function listFolders(path: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(path)) {
      if (entry.isDirectory) found.push(`${path}/${entry.name}`);
    }
  } catch {
    // Nothing to hide where there is nothing.
  }
  return found;
}

/** Panics name source files; the machine's own folders must not be part of the module. */
async function pathFlags(): Promise<string[]> {
  // On a fresh machine the folders appear with the first download.
  const fetch = ["fetch", "--locked", "--manifest-path", "rust-crypto/Cargo.toml"];
  const fetched = await runProcess({ command: "cargo", args: fetch, limitMs: BUILD_LIMIT_MS });
  if (fetched.code !== 0) throw new Error(`cargo fetch failed:\n${fetched.output}`);
  const home = Deno.env.get("CARGO_HOME") ?? `${Deno.env.get("HOME")}/.cargo`;
  const crates = await listFolders(`${home}/registry/src`);
  return crates.map((folder) => `--remap-path-prefix=${folder}/=`);
}

async function build(features: string): Promise<Uint8Array> {
  const out = `${root}rust-crypto/target/wasm-pack`;
  const result = await runProcess({
    command: "wasm-pack",
    args: ["build", "rust-crypto", "--release", "--target", "web", "--no-pack", "--out-dir", out],
    env: {
      RUSTFLAGS: ["-C", `target-feature=${features}`, ...HAND_MADE, ...await pathFlags()].join(" "),
    },
    limitMs: BUILD_LIMIT_MS,
  });
  if (result.code !== 0) throw new Error(`wasm-pack failed:\n${result.output}`);
  return withoutCustomSections(withoutPanicMessages(await Deno.readFile(`${out}/${FILE}`)));
}

/** `wasm/mod.ts`: an import works in every runtime and bundler, a file beside it does not. */
function moduleText(builds: readonly (readonly [string, string])[]): string {
  const constants = builds.map(([constant, base64]) =>
    `/** The module in base64. */\nexport const ${constant}: string =\n  "${base64}";\n`
  );
  return "/** Built from rust-crypto/ by tools/build_wasm.ts. */\n\n" + constants.join("\n");
}

if (import.meta.main) {
  const before = await Deno.readTextFile(`${root}wasm/mod.ts`).catch(() => "");
  const builtBy = await readVersions();
  const builds: [string, string][] = [];
  for (const { name, constant, features } of BUILDS) {
    const bytes = await build(features);
    console.log(`${name}: ${bytes.length} bytes`);
    builds.push([constant, encodeBase64(bytes)]);
    if (name === "relaxed-simd") await Deno.writeFile(`${root}${IMPORTED}`, bytes);
  }
  const after = moduleText(builds);
  const versions = await builderVersions();
  await Deno.writeTextFile(`${root}wasm/mod.ts`, after);
  await Deno.writeTextFile(`${root}wasm/versions.json`, JSON.stringify(versions, null, 2) + "\n");
  const comparable = builtBy !== undefined && sameVersions(builtBy, versions);
  if (before === after) console.log("the same bytes as before");
  else if (comparable) console.log("other bytes than before, by the same versions");
  else console.log("other bytes than before, of another source or by other versions");
  Deno.exit(before !== after && comparable ? 1 : 0);
}
