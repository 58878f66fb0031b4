import { root, runProcess } from "../test/process.ts";

/** What decides about the bytes of a build. */
export interface Versions {
  /** `rustc --version`. */
  readonly rustc: string;
  /** Of the crate and the program, which wasm-pack keeps equal. */
  readonly "wasm-bindgen": string;
  /** `wasm-pack --version`. */
  readonly "wasm-pack": string;
}

/** The versions on this machine. */
export async function builderVersions(): Promise<Versions> {
  const lock = await Deno.readTextFile(`${root}rust-crypto/Cargo.lock`);
  return {
    rustc: await ask("rustc"),
    "wasm-bindgen": /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)?.[1] ?? "unknown",
    "wasm-pack": await ask("wasm-pack"),
  };
}

/** Whether two builds must have the same bytes. */
export function sameVersions(one: Versions, other: Versions): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

async function ask(program: string): Promise<string> {
  const result = await runProcess({ command: program, args: ["--version"], limitMs: 10_000 });
  return result.output.trim();
}
