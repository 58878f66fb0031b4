/** Signaling on Node. Configured by the environment, see `options.ts`. */
import { serve, upgradeWebSocket } from "@hono/node-server";
import { Hono } from "hono";
import process from "node:process";
import { createClient } from "redis";
import { type RoomStore, signaling, type SignalingOptions } from "@sterna/webrtc/signaling";
import { RedisStore } from "@sterna/webrtc/signaling/redis";
import { WebSocketServer } from "ws";
import { optionsFrom } from "./options.ts";

async function main(): Promise<void> {
  const { env } = process;
  const store = await storeFrom(env["REDIS_URL"]);
  const routes = signaling({
    ...optionsFrom(env),
    ...(store && { store }),
    upgradeWebSocket: upgradeWebSocket as unknown as NonNullable<
      SignalingOptions["upgradeWebSocket"]
    >,
  });
  const { fetch } = new Hono().route("/rtc", routes);
  const server = serve({
    fetch,
    hostname: env["HOST"] ?? "127.0.0.1",
    port: Number(env["PORT"] ?? 8080),
    websocket: { server: new WebSocketServer({ noServer: true }) },
  }, ({ port }) => console.log(`listening on port ${port}`));

  const stop = async (): Promise<void> => {
    // Clients go to other instances, each at a moment of its choice, and resume there.
    await routes.drain();
    routes.close();
    server.close(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

/** Rooms that several instances share, or none of that. */
async function storeFrom(url: string | undefined): Promise<RoomStore | undefined> {
  if (!url) return undefined;
  const client = createClient({ url });
  client.on("error", (error: Error) => console.error(`redis: ${error.message}`));
  await client.connect();
  return new RedisStore({ client });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
