import { missingAfter, run, runs } from "./programs.ts";
import { cachePath } from "./scripts.ts";
import { SrtpProgram } from "./srtp_program.ts";

const SOURCE = decodeURIComponent(new URL("libsrtp_peer.c", import.meta.url).pathname);

let built: Promise<string> | undefined;

/** Compiles the program, once, and answers its path. */
function program(): Promise<string> {
  return built ??= compile();
}

async function compile(): Promise<string> {
  if (!await runs("cc")) throw new Error("no C compiler (Debian: gcc, libc6-dev)");
  const made = cachePath("libsrtp_peer");
  const fresh = cachePath(`.libsrtp_peer-${Deno.pid}`);
  await Deno.mkdir(cachePath(""), { recursive: true });
  try {
    await run("cc", ["-O2", "-Wall", "-Werror", "-o", fresh, SOURCE, "-lsrtp2"]);
  } catch (cause) {
    throw new Error("libsrtp2 with its headers is not here (Debian: libsrtp2-dev)", { cause });
  }
  // Another run may be starting the one before.
  await Deno.rename(fresh, made);
  return made;
}

/** Why libsrtp cannot be used here, or `undefined`. */
export async function libsrtpMissing(): Promise<string | undefined> {
  return await missingAfter(program);
}

/** Starts libsrtp. */
export async function startLibsrtp(): Promise<SrtpProgram> {
  return new SrtpProgram(await program());
}
