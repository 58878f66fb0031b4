/** One instance of the signaling server, as a process: `instance.ts <store> <its port> <own port>`. */
import { createClient } from "redis";
import { connect } from "@nats-io/transport-node";
import { type RoomStore, signaling } from "../../src/signaling/mod.ts";
import { NatsStore } from "../../src/signaling/stores/nats/mod.ts";
import { RedisStore } from "../../src/signaling/stores/redis/mod.ts";

async function openStore(name: string, port: number): Promise<RoomStore> {
  if (name === "nats") {
    const servers = `127.0.0.1:${port}`;
    return new NatsStore({
      client: await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 100 }),
    });
  }
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on("error", () => {});
  await client.connect();
  return new RedisStore({ client });
}

if (import.meta.main) {
  const [name = "", storePort, port] = Deno.args;
  const app = signaling({
    store: await openStore(name, Number(storePort)),
    limits: {
      messageBurst: 1e9,
      byteBurst: 1e12,
      messageBurstPerAddress: 1e9,
      replayEntries: 8000,
      replayLength: 8_000_000,
      leaseMs: 1500,
      resumeMs: 5000,
    },
  });
  Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => {} }, app.fetch);
}
