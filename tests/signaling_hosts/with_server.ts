/** Serves the signaling routes at `/rtc` for the length of a test. */
import { Hono } from "hono";
import { signaling, type SignalingOptions, type SignalingRoutes } from "../../src/signaling/mod.ts";
import { serve } from "./serve.ts";

/** Runs `body` against a server with these options; `base` is `//host:port/rtc`. */
export async function withServer(
  options: SignalingOptions,
  body: (base: string, routes: SignalingRoutes) => Promise<void>,
): Promise<void> {
  let routes: SignalingRoutes | undefined;
  const server = await serve((upgradeWebSocket) => {
    routes = signaling({ ...options, ...(upgradeWebSocket && { upgradeWebSocket }) });
    return new Hono().route("/rtc", routes);
  });
  try {
    await body(`//127.0.0.1:${server.port}/rtc`, routes!);
  } finally {
    routes?.close();
    await server.close();
  }
}
