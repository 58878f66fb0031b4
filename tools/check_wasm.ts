/**
 * Rebuilds `rust-crypto/` in a copy of the working tree, as somebody would who trusts nothing: with a
 * toolchain that it prepares itself where there is none. The bytes must be those of `wasm/` when the
 * versions are those of `wasm/versions.json`; the tests of everything that stands on the core run on
 * the fresh build either way. The working tree stays as it is.
 *
 * ```sh
 * deno run --allow-all tools/check_wasm.ts             # build, compare, test
 * deno run --allow-all tools/check_wasm.ts toolchain   # prepare the toolchain only, print its PATH
 * ```
 *
 * Needs `rustup target add wasm32-unknown-unknown`, or on Debian the packages rustc-web, cargo-web,
 * rust-web-src and lld-19. The first run compiles wasm-pack and wasm-bindgen unless they are there.
 *
 * @module
 */
import { testFiles } from "./test/files.ts";
import { killChildrenOnInterrupt, root, runProcess } from "./test/process.ts";
import { prepareToolchain, type Toolchain } from "./wasm/toolchain.ts";

/** The copy; what Cargo makes of it is kept for the next run. */
const FOLDER = `${root}.cache/wasm-check`;
const TREE = `${FOLDER}/tree`;

/** What is not part of the sources. */
const LEFT_OUT = /^(\.git|\.cache|node_modules|dist|coverage|target)$/;

/** The tests of the core, and of the layers that it may serve. */
const TESTED =
  /^tests\/(crypto|rtp|srtp)\/|^tests\/host\/\w*(wasm|srtp|crypto)|^tests\/tools\/wasm/;

/** Ten times what the tests take, milliseconds. */
const TEST_LIMIT_MS = 600_000;

/** Tells when a part of the work begins and how long it took: the first ones take minutes. */
async function part<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  console.log(`${"…".padStart(10)}  ${name}`);
  try {
    return await work();
  } finally {
    console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(8)} s  ${name}`);
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (LEFT_OUT.test(name)) continue;
    if (isDirectory) await copyTree(`${from}/${name}`, `${to}/${name}`);
    else if (isFile) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Builds in the copy; `build_wasm.ts` compares with what is committed. */
async function build({ env }: Toolchain): Promise<number> {
  const result = await runProcess({
    command: Deno.execPath(),
    args: ["run", "--allow-all", "--node-modules-dir=none", "tools/build_wasm.ts"],
    cwd: TREE,
    env: { ...env, CARGO_TARGET_DIR: `${FOLDER}/target` },
    limitMs: TEST_LIMIT_MS,
  });
  console.log(result.output.trim());
  return result.code;
}

async function test(): Promise<{ passed: number; failed: number }> {
  const files = (await testFiles(["tests"], /_test\.ts$/)).filter((file) => TESTED.test(file));
  const flags = ["--allow-all", "--unstable-net", "--no-check", "--node-modules-dir=none"];
  const result = await runProcess({
    command: Deno.execPath(),
    args: ["test", ...flags, "--quiet", "--parallel", ...files],
    cwd: TREE,
    env: { DENO_JOBS: "2" },
    limitMs: TEST_LIMIT_MS,
  });
  const summary = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/m.exec(result.output);
  const passed = Number(summary?.[1] ?? 0), failed = Number(summary?.[2] ?? 1);
  if (result.code !== 0 || passed === 0) {
    console.log(result.output);
    return { passed, failed: Math.max(failed, 1) };
  }
  return { passed, failed };
}

if (import.meta.main) {
  killChildrenOnInterrupt();
  Deno.chdir(root);
  const toolchain = await prepareToolchain(part);
  if (Deno.args[0] === "toolchain") {
    console.log(`PATH=${toolchain.env["PATH"]}`);
    Deno.exit(0);
  }
  console.log(`Toolchain: ${toolchain.name}`);
  await Deno.remove(TREE, { recursive: true }).catch(() => {});
  await copyTree(root.replace(/\/$/, ""), TREE);
  const code = await part("both builds", () => build(toolchain));
  const { passed, failed } = await part("tests on the fresh build", test);
  const built = code === 0 ? 1 : 0;
  console.log(`\n${passed + built} passed, ${failed + 1 - built} failed, 0 skipped`);
  Deno.exit(failed === 0 && built === 1 ? 0 : 1);
}
