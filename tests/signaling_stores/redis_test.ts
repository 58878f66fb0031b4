import { createClient } from "redis";
import { RedisStore } from "../../src/signaling/stores/redis/mod.ts";
import { storeSuite } from "../signaling/store_suite.ts";
import { findProgram, type Program, startProgram } from "./spawn.ts";

const found = findProgram("redis-server");

/** A server that keeps what it was told, also when it is killed. */
export function startRedis(): Promise<Program> {
  if ("missing" in found) throw new Error(found.missing);
  return startProgram(found.path, (port, folder) => [
    ...["--bind", "127.0.0.1", "--port", String(port), "--dir", folder],
    ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
  ]);
}

storeSuite({
  name: "RedisStore",
  skip: "missing" in found ? found.missing : undefined,
  open: async () => {
    const server = await startRedis();
    const clients: { destroy(): void }[] = [];
    return {
      store: async () => {
        const client = createClient({ url: `redis://127.0.0.1:${server.port}` });
        client.on("error", () => {});
        clients.push(client);
        await client.connect();
        return new RedisStore({ client });
      },
      close: async () => {
        for (const client of clients) client.destroy();
        await server.close();
      },
    };
  },
});
