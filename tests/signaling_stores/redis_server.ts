import { findProgram, type Program, startProgram } from "./spawn.ts";

const found = findProgram("redis-server");

/** Why there is no Redis here, or `undefined`. */
export const redisMissing: string | undefined = "missing" in found ? found.missing : undefined;

/** Starts a server that keeps what it was told, also when it is killed. */
export function startRedis(): Promise<Program> {
  if ("missing" in found) throw new Error(found.missing);
  return startProgram(found.path, (port, folder) => [
    ...["--bind", "127.0.0.1", "--port", String(port), "--dir", folder],
    ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
  ]);
}
