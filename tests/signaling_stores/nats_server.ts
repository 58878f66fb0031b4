import { findProgram, type Program, startProgram } from "./spawn.ts";

const found = findProgram("nats-server");

/** Why there is no NATS here, or `undefined`. */
export const natsMissing: string | undefined = "missing" in found ? found.missing : undefined;

/** Starts a server with JetStream on disk. */
export function startNats(): Promise<Program> {
  if ("missing" in found) throw new Error(found.missing);
  return startProgram(found.path, (port, folder) => [
    ...["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", folder],
  ]);
}
