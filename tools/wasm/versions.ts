import { testFiles } from "../test/files.ts";
import { root, runProcess } from "../test/process.ts";

/** What decides about the bytes of a build. */
export interface Versions {
  /** `rustc --version`. */
  readonly rustc: string;
  /** Of the crate and the program, which wasm-pack keeps equal. */
  readonly "wasm-bindgen": string;
  /** `wasm-pack --version`. */
  readonly "wasm-pack": string;
  /** SHA-256 of the crate, {@linkcode sourceDigest}. */
  readonly source: string;
}

/** What built that which is committed; `undefined` when nothing is. */
export async function readVersions(): Promise<Versions | undefined> {
  const text = await Deno.readTextFile(`${root}wasm/versions.json`).catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text) as Versions;
}

/** The version of wasm-bindgen that the crate is compiled with. */
export async function lockedWasmBindgen(): Promise<string> {
  const lock = await Deno.readTextFile(`${root}rust-crypto/Cargo.lock`);
  return /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)?.[1] ?? "unknown";
}

/** The versions on this machine. */
export async function builderVersions(): Promise<Versions> {
  return {
    rustc: await ask("rustc"),
    "wasm-bindgen": await lockedWasmBindgen(),
    "wasm-pack": await ask("wasm-pack"),
    source: await sourceDigest(),
  };
}

/** Whether two builds must have the same bytes. */
export function sameVersions(one: Versions, other: Versions): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What a build reads beside the sources. */
const INPUTS = ["rust-crypto/Cargo.toml", "rust-crypto/Cargo.lock", "rust-crypto/build.rs"];

/** SHA-256 over the names and texts of everything that a build reads. */
export async function sourceDigest(): Promise<string> {
  const sources = await testFiles(["rust-crypto/src"], /\.rs$/);
  let text = "";
  for (const file of [...INPUTS, ...sources]) {
    text += `${file}\n${await Deno.readTextFile(root + file)}\n`;
  }
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function ask(program: string): Promise<string> {
  const result = await runProcess({ command: program, args: ["--version"], limitMs: 10_000 });
  return result.output.trim();
}
