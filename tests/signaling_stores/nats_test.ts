import { connect } from "@nats-io/transport-node";
import { NatsStore } from "../../src/signaling/stores/nats/mod.ts";
import { storeSuite } from "../signaling/store_suite.ts";
import { natsMissing, startNats } from "./nats_server.ts";

storeSuite({
  name: "NatsStore",
  skip: natsMissing,
  open: async () => {
    const server = await startNats();
    const clients: { close(): Promise<void> }[] = [];
    return {
      store: async () => {
        const servers = `127.0.0.1:${server.port}`;
        const client = await connect({ servers, maxReconnectAttempts: -1 });
        clients.push(client);
        return new NatsStore({ client });
      },
      close: async () => {
        for (const client of clients) await client.close();
        await server.close();
      },
    };
  },
});
