import { createClient } from "redis";
import { RedisStore } from "../../src/signaling/stores/redis/mod.ts";
import { storeSuite } from "../signaling/store_suite.ts";
import { redisMissing, startRedis } from "./redis_server.ts";

storeSuite({
  name: "RedisStore",
  skip: redisMissing,
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
