/** The programs in C: compiled when there is a compiler and the library's headers, else left out. */
import { fileURLToPath } from "node:url";
import type { BenchOptions } from "./options.ts";
import { type CryptoBenchResult, parseLine } from "./results.ts";

interface NativeProgram {
  readonly name: string;
  readonly library: string;
  /** What `pkg-config` or a package manager calls its headers. */
  readonly headers: string;
  readonly module: string;
}

const PROGRAMS: readonly NativeProgram[] = [
  { name: "libsrtp", library: "srtp2", headers: "libsrtp2-dev", module: "libsrtp2" },
  { name: "openssl", library: "crypto", headers: "libssl-dev", module: "libcrypto" },
];

const SOURCES = fileURLToPath(new URL("./native/", import.meta.url));
const FOLDER = fileURLToPath(new URL("../../.cache/bench/", import.meta.url));

/** A program that can be run. */
export interface BuiltProgram {
  readonly name: string;
  readonly path: string;
  readonly version: string;
}

/** Compiles what can be compiled; tells of the rest. */
export async function buildPrograms(
  tell: (note: string) => void,
): Promise<readonly BuiltProgram[]> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const built: BuiltProgram[] = [];
  for (const { name, library, headers, module } of PROGRAMS) {
    const path = `${FOLDER}${name}_bench`;
    const args = ["-O2", `${SOURCES}${name}.c`, `-l${library}`, "-o", path];
    const problem = await compile(args);
    if (problem === undefined) built.push({ name, path, version: await versionOf(module) });
    else tell(`${name} in C is left out: it needs a C compiler and ${headers} (${problem})`);
  }
  return built;
}

async function compile(args: readonly string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command("cc", { args: [...args], stdout: "null", stderr: "piped" });
    const { success, stderr } = await command.output();
    if (success) return undefined;
    const lines = new TextDecoder().decode(stderr).split("\n");
    return lines.find((line) => line.includes("error")) ?? lines[0] ?? "cc failed";
  } catch (error) {
    return (error as Error).message;
  }
}

async function versionOf(module: string): Promise<string> {
  try {
    const args = ["--modversion", module];
    const { success, stdout } = await new Deno.Command("pkg-config", { args }).output();
    if (success) return new TextDecoder().decode(stdout).trim();
  } catch {
    // No pkg-config: the version stays unknown.
  }
  return "unknown";
}

/** Runs a program to its end. */
export async function runProgram(
  { name, path, version }: BuiltProgram,
  { effort, profiles, sizes }: BenchOptions,
  beside: string,
): Promise<CryptoBenchResult[]> {
  const args = [effort.rounds, effort.roundMs, version, profiles.join(","), sizes.join(",")];
  const command = new Deno.Command(path, { args: args.map(String), stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (!success) {
    const text = `${name} in C failed: ${decoder.decode(stderr).trim()}`;
    return [{ kind: "note", runtime: "native", text }];
  }
  const lines = decoder.decode(stdout).trim().split("\n").map(parseLine);
  return lines.filter((line) => line !== undefined).map((line) => ({ ...line, beside }));
}
