import { connect } from "@nats-io/transport-node";
import { NatsStore } from "../../src/signaling/stores/nats/mod.ts";
import { storeSuite } from "../signaling/store_suite.ts";
import { findProgram, type Program, startProgram } from "./spawn.ts";

const found = findProgram("nats-server");

/** A server with JetStream on disk. */
export function startNats(): Promise<Program> {
  if ("missing" in found) throw new Error(found.missing);
  return startProgram(found.path, (port, folder) => [
    ...["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", folder],
  ]);
}

storeSuite({
  name: "NatsStore",
  skip: "missing" in found ? found.missing : undefined,
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
