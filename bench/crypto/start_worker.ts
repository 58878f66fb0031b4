/** A fresh process: how long until the first packet. The argument is the bundle of `first_packet.ts`. */
import process from "node:process";
import { pathToFileURL } from "node:url";
import type * as FirstPacket from "./first_packet.ts";

const start = performance.now();
const { firstPacket } = await import(pathToFileURL(process.argv[2]!).href) as typeof FirstPacket;
const imported = performance.now();
const protect = firstPacket();
protect();
const first = performance.now();
for (let i = 2; i < 10; i++) protect();
const ninth = performance.now();
protect();
const tenthPacketUs = 1000 * (performance.now() - ninth);
const importMs = imported - start, firstPacketMs = first - imported;
const { bun, deno, node } = process.versions as Record<string, string | undefined>;
const version = bun ?? deno ?? node;
process.stdout.write(JSON.stringify({ version, importMs, firstPacketMs, tenthPacketUs }) + "\n");
process.exit(0);
