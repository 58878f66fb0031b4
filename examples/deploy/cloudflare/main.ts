/**
 * Signaling on Cloudflare Workers. Each room is a Durable Object; its WebSockets stay open while it
 * sleeps. Configured by variables and secrets of the Worker, see `options.ts`.
 */
import { durableSignaling, SignalingRoom } from "@sterna/webrtc/signaling/durable-objects";
import { Hono } from "hono";
import { optionsFrom } from "./options.ts";

/** What `wrangler.jsonc` binds, and `wrangler secret put` adds. */
type Env = Record<string, string | undefined>;

/** The class of the objects: `wrangler.jsonc` names it. */
export class Room extends SignalingRoom<Env> {
  protected override configure(env: Env): ReturnType<typeof optionsFrom> {
    return optionsFrom(env);
  }
}

let app: Hono | undefined;

const worker: unknown = {
  fetch(request: Request, env: Env): Response | Promise<Response> {
    app ??= new Hono().route("/rtc", durableSignaling({ ...optionsFrom(env), binding: "ROOMS" }));
    return app.fetch(request, env);
  },
};
export default worker;
