import { root, type Run, runProcess } from "../test/process.ts";
import { lockedWasmBindgen, readVersions } from "./versions.ts";

/** Where toolchains lie that were made here; not committed. */
const CACHE = `${root}.cache/wasm-toolchain`;

const TARGET = "wasm32-unknown-unknown";

/** Compilers and two programs, built from source on a slow machine, milliseconds. */
const STEP_LIMIT_MS = 900_000;

/** Does one part of the work, and tells how long it took. */
export type Part = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** A compiler of WebAssembly with wasm-pack and wasm-bindgen, ready to be used. */
export interface Toolchain {
  /** What it is, for people. */
  readonly name: string;
  /** To be added to the environment of a build. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A toolchain with the versions of wasm-pack and wasm-bindgen that the committed build names. It is
 * the one on PATH where its compiler has the target (`rustup target add wasm32-unknown-unknown`), and
 * otherwise Debian's compiler with a standard library built from Debian's source into a folder of
 * ours; nothing outside of `.cache` and of Cargo's own caches is written. The second call is quick.
 *
 * @throws {Error} what is missing and how to install it
 */
export async function prepareToolchain(part: Part): Promise<Toolchain> {
  const path = Deno.env.get("PATH") ?? "";
  const usable = await hasLibrary("rustc") && await hasLinker("rustc");
  const own = usable ? undefined : await debianToolchain(part);
  const compilerPath = own === undefined ? path : `${own}:${path}`;
  const wanted = await wantedPrograms(own !== undefined);
  const programs = await installPrograms(wanted, compilerPath, part);
  const env = { PATH: `${programs}:${compilerPath}` };
  const version = await mustRun({ command: "rustc", args: ["--version"], env, limitMs: 10_000 });
  return { name: `${version}${own === undefined ? " of PATH" : ", std built here"}`, env };
}

/** Where a compiler looks for the standard library for WebAssembly. */
async function libraryFolder(rustc: string): Promise<string | undefined> {
  const args = ["--print", "target-libdir", "--target", TARGET];
  return await runProcess({ command: rustc, args, limitMs: 10_000 })
    .then(({ code, output }) => code === 0 ? output.trim() : undefined, () => undefined);
}

/** Whether it is there. */
async function hasLibrary(rustc: string): Promise<boolean> {
  const folder = await libraryFolder(rustc);
  if (folder === undefined) return false;
  return (await listNames(folder)).some((name) => /^libcore-.*\.rlib$/.test(name));
}

/** Whether the linker is there, which rustup's compiler brings along. */
async function hasLinker(rustc: string): Promise<boolean> {
  if (Deno.env.has("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER")) return true;
  const rustlib = (await libraryFolder(rustc))?.replace(/\/[^/]+\/lib$/, "") ?? "";
  for (const name of await listNames(rustlib)) {
    if ((await listNames(`${rustlib}/${name}/bin`)).includes("rust-lld")) return true;
  }
  return false;
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  } catch {
    return [];
  }
}

/** Runs a step to its end and answers what it wrote. */
async function mustRun(run: Run): Promise<string> {
  const { code, output, timedOut } = await runProcess(run);
  if (code === 0) return output.trim();
  const how = timedOut ? `killed after ${run.limitMs / 1000} s` : `code ${code}`;
  throw new Error(`${run.command} ${run.args.join(" ")}: ${how}\n${output.slice(-4000)}`);
}

/** What Debian installs where. */
interface DebianRust {
  readonly version: string;
  readonly host: string;
  readonly library: string;
  readonly linker: string;
}

const PACKAGES = "apt-get install rustc-web cargo-web rust-web-src lld-19";

async function findDebianRust(): Promise<DebianRust> {
  const args = ["--version", "--verbose"];
  const about = await runProcess({ command: "/usr/bin/rustc", args, limitMs: 10_000 })
    .then(({ output }) => output, () => "");
  const version = /^release: (.+)$/m.exec(about)?.[1];
  const host = /^host: (.+)$/m.exec(about)?.[1];
  const library = `/usr/src/rustc-${version}/library`;
  const linkers = (await listNames("/usr/bin")).filter((name) => /^lld(-\d+)?$/.test(name)).sort();
  const sources = await listNames(library);
  if (version === undefined || host === undefined || linkers.length === 0 || sources.length === 0) {
    throw new Error(
      `No Rust for WebAssembly. Either: rustup target add ${TARGET}. Or on Debian: ${PACKAGES}`,
    );
  }
  return { version: about.split("\n")[0]!, host, library, linker: `/usr/bin/${linkers.at(-1)!}` };
}

/** Makes a folder of programs, once for each compiler: `cargo`, `rustc` with our library, a linker. */
async function debianToolchain(part: Part): Promise<string> {
  const rust = await findDebianRust();
  const folder = `${CACHE}/${rust.version.replaceAll(/[^\w.-]+/g, "-")}`;
  const bin = `${folder}/bin`;
  if (await hasLibrary(`${bin}/rustc`)) return bin;
  await part("the standard library for WebAssembly", () => makeToolchain(rust, folder, bin));
  return bin;
}

async function makeToolchain(rust: DebianRust, folder: string, bin: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  const libraries = await buildStd(rust, `${folder}/std`);
  const rustlib = `${folder}/sysroot/lib/rustlib`;
  await Deno.mkdir(`${rustlib}/${TARGET}`, { recursive: true });
  // wasm-bindgen's macros run while compiling and need the compiler's own library.
  await Deno.symlink(`/usr/lib/rustlib/${rust.host}`, `${rustlib}/${rust.host}`);
  await Deno.mkdir(bin);
  await Deno.symlink("/usr/bin/cargo", `${bin}/cargo`);
  // rustc calls its linker by this name, and tells it with `-flavor` what to be.
  await Deno.symlink(rust.linker, `${bin}/rust-lld`);
  const script = `#!/bin/sh\nexec /usr/bin/rustc --sysroot '${folder}/sysroot' "$@"\n`;
  await Deno.writeTextFile(`${bin}/rustc`, script, { mode: 0o755 });
  // Last, because this is what tells a toolchain that is complete.
  await Deno.rename(libraries, `${rustlib}/${TARGET}/lib`);
  await Deno.remove(`${folder}/std`, { recursive: true });
}

/** Builds the library as the only dependency of an empty crate; answers the folder of its parts. */
async function buildStd(rust: DebianRust, folder: string): Promise<string> {
  await Deno.mkdir(`${folder}/src`, { recursive: true });
  await Deno.writeTextFile(
    `${folder}/Cargo.toml`,
    '[package]\nname = "empty"\nedition = "2021"\n\n[workspace]\n',
  );
  await Deno.writeTextFile(`${folder}/src/lib.rs`, "#![no_std]\n");
  const crates = "-Zbuild-std=core,alloc,std,panic_abort";
  await mustRun({
    command: "/usr/bin/cargo",
    args: ["build", "--release", crates, "--target", TARGET],
    cwd: folder,
    env: {
      // Cargo of the distribution is a stable one, and finds no sources beside itself.
      RUSTC_BOOTSTRAP: "1",
      RUSTC: "/usr/bin/rustc",
      __CARGO_TESTS_ONLY_SRC_ROOT: rust.library,
      CARGO_TARGET_DIR: `${folder}/target`,
      RUSTFLAGS: "",
    },
    limitMs: STEP_LIMIT_MS,
  });
  const built = `${folder}/target/${TARGET}/release/deps`;
  const out = `${folder}/lib`;
  await Deno.mkdir(out);
  for (const name of await listNames(built)) {
    if (/^lib(?!empty-).*\.rlib$/.test(name)) {
      await Deno.rename(`${built}/${name}`, `${out}/${name}`);
    }
  }
  return out;
}

/** A program to install with Cargo. */
interface Program {
  readonly crate: string;
  readonly program: string;
  readonly version: string;
  readonly locked: boolean;
}

/** wasm-pack brings wasm-bindgen along, downloaded or compiled; ours compiles in a third of the time. */
async function wantedPrograms(own: boolean): Promise<Program[]> {
  const version = await wasmPackVersion();
  const pack = { crate: "wasm-pack", program: "wasm-pack", version, locked: true };
  if (!own) return [pack];
  const bindgen = await lockedWasmBindgen();
  // Unlocked, as wasm-pack itself installs it.
  const other = { crate: "wasm-bindgen-cli", program: "wasm-bindgen", locked: false };
  return [pack, { ...other, version: bindgen }];
}

/**
 * Installs programs where PATH does not have the committed versions; answers the folder to put before
 * PATH. Unoptimized, as they work on some 50 kB.
 */
async function installPrograms(
  wanted: readonly Program[],
  path: string,
  part: Part,
): Promise<string> {
  const folder = `${CACHE}/programs-${wanted.map(({ version }) => version).join("-")}`;
  const env = { PATH: `${folder}/bin:${path}` };
  for (const { crate, program, version, locked } of wanted) {
    const about = await runProcess({ command: program, args: ["--version"], env, limitMs: 10_000 })
      .then(({ output }) => output.trim(), () => "");
    if (about === `${program} ${version}`) continue;
    await part(`${crate} ${version}`, () =>
      mustRun({
        command: "cargo",
        args: [
          ...["install", crate, "--version", version, "--root", folder, "--force"],
          ...(locked ? ["--locked"] : []),
        ],
        env: {
          ...env,
          CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
          CARGO_PROFILE_RELEASE_LTO: "off",
          CARGO_TARGET_DIR: `${folder}/target`,
        },
        limitMs: STEP_LIMIT_MS,
      }));
  }
  await Deno.remove(`${folder}/target`, { recursive: true }).catch(() => {});
  return `${folder}/bin`;
}

async function wasmPackVersion(): Promise<string> {
  const named = (await readVersions())?.["wasm-pack"];
  const version = /^wasm-pack (\S+)$/.exec(named ?? "")?.[1];
  if (version === undefined) throw new Error("wasm/versions.json names no version of wasm-pack");
  return version;
}
