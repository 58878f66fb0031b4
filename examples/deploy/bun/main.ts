/** Signaling on Bun. Configured by the environment, see `options.ts`. */
import { Hono } from "hono";
import { upgradeWebSocket, websocket } from "hono/bun";
import process from "node:process";
import { createClient } from "redis";
import { type RoomStore, signaling } from "@sterna/webrtc/signaling";
import { RedisStore } from "@sterna/webrtc/signaling/redis";
import { optionsFrom } from "./options.ts";

const { env } = process;
const store = await storeFrom(env["REDIS_URL"]);
const routes = signaling({ ...optionsFrom(env), ...(store && { store }), upgradeWebSocket });
const app = new Hono().route("/rtc", routes);

const stop = async (): Promise<void> => {
  // Clients go to other instances, each at a moment of its choice, and resume there.
  await routes.drain();
  process.exit(0);
};
process.once("SIGTERM", stop);
process.once("SIGINT", stop);

/** Rooms that several instances share, or none of that. */
async function storeFrom(url: string | undefined): Promise<RoomStore | undefined> {
  if (!url) return undefined;
  const client = createClient({ url });
  client.on("error", (error: Error) => console.error(`redis: ${error.message}`));
  await client.connect();
  return new RedisStore({ client });
}

const server: unknown = {
  hostname: env["HOST"] ?? "127.0.0.1",
  port: Number(env["PORT"] ?? 8080),
  fetch: (request: Request, server: unknown) => app.fetch(request, { server }),
  websocket,
};
export default server;
