import { upgradeWebSocket } from "hono/cloudflare-workers";
import type { Upgrade } from "./listen.ts";
import { relayApp } from "./relay_app.ts";

interface Namespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

/** Sockets of a Worker meet in a Durable Object: here in one for all rooms. */
export class Rooms {
  readonly #app = relayApp(upgradeWebSocket as unknown as Upgrade);

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }
}

const worker: unknown = {
  fetch: (request: Request, { ROOMS }: { ROOMS: Namespace }) =>
    ROOMS.get(ROOMS.idFromName("all")).fetch(request),
};
export default worker;
