import { missingAfter, run } from "./programs.ts";
import { agentPath, cachePath } from "./scripts.ts";
import { SrtpProgram } from "./srtp_program.ts";

let built: Promise<string> | undefined;

/** Builds the program, which Go does only when something changed, and answers its path. */
function program(): Promise<string> {
  return built ??= build();
}

async function build(): Promise<string> {
  const out = cachePath("pion_srtp");
  await run("go", ["build", "-mod=readonly", "-o", out, "./srtp"], agentPath("pion"));
  return out;
}

/** Why pion's SRTP cannot be used here, or `undefined`. */
export async function pionSrtpMissing(): Promise<string | undefined> {
  return await missingAfter(program);
}

/** Starts pion's SRTP. */
export async function startPionSrtp(): Promise<SrtpProgram> {
  return new SrtpProgram(await program());
}
