/** Signaling on Deno Deploy, or on any machine with Deno. Configured by the environment. */
import { signaling } from "@sterna/webrtc/signaling";
import { Hono } from "hono";
import { optionsFrom } from "./options.ts";

const routes = signaling(optionsFrom(Deno.env.toObject()));
const app = new Hono().route("/rtc", routes);

// The host says where to listen; on a machine of your own DENO_SERVE_ADDRESS does.
Deno.serve((request, info) => app.fetch(request, info));
