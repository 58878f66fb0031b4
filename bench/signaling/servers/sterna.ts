import { Hono } from "hono";
import { type AdapterUpgrade, signaling } from "../../../src/signaling/mod.ts";
import { listen } from "./listen.ts";
import { STERNA_OPTIONS } from "./sterna_options.ts";

const isDeno = "Deno" in globalThis;

await listen((upgrade) => {
  const upgradeWebSocket = upgrade as unknown as AdapterUpgrade;
  const options = { ...STERNA_OPTIONS, ...(!isDeno && { upgradeWebSocket }) };
  return new Hono().route("/rtc", signaling(options));
});
