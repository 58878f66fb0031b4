/**
 * Signaling on Deno Deploy, or on any machine with Deno. Configured by the environment, see
 * `options.ts`. Rooms are in Deno KV, so that instances in all places share them.
 */
import { signaling } from "@sterna/webrtc/signaling";
import { DenoKvStore } from "@sterna/webrtc/signaling/deno-kv";
import { Hono } from "hono";
import { optionsFrom } from "./options.ts";

// Deno Deploy has one database per application; elsewhere KV_PATH names a file, or ":memory:".
const kv = await Deno.openKv(Deno.env.get("KV_PATH"));
const store = new DenoKvStore({ kv });
const routes = signaling({ ...optionsFrom(Deno.env.toObject()), store });
const app = new Hono().route("/rtc", routes);

// The host says where to listen; on a machine of your own DENO_SERVE_ADDRESS does.
Deno.serve((request, info) => app.fetch(request, info));
