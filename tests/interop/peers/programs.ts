/** Downloads and builds take as long as they take, but not for ever, milliseconds. */
const BUILD_MS = 150_000;

/** Whether `program --version` runs. */
export async function runs(program: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** Runs a build step to its end. */
export async function run(command: string, args: readonly string[], cwd?: string): Promise<void> {
  const signal = AbortSignal.timeout(BUILD_MS);
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    stdout: "null",
    stderr: "piped",
    signal,
  }).output();
  if (success) return;
  const log = new TextDecoder().decode(stderr).trim().split("\n");
  throw new Error(`${command} ${args.slice(0, 3).join(" ")} failed: ${log.at(-1) ?? "no reason"}`);
}

/** The reason why something cannot be made ready, or `undefined` when it is. */
export async function missingAfter(prepare: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await prepare();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
