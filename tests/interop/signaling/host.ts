/** The routes on Bun or Node, in a process of their own: prints the port. */
import { Hono } from "hono";
import { signaling } from "../../../src/signaling/mod.ts";
import { serve } from "../../signaling_hosts/serve.ts";

const server = await serve((upgradeWebSocket) =>
  new Hono().route("/rtc", signaling({ ...(upgradeWebSocket && { upgradeWebSocket }) }))
);
console.log(`port ${server.port}`);
