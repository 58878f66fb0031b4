import { Hono } from "hono";
import { signaling } from "../../../src/signaling/mod.ts";
import { STERNA_OPTIONS } from "./sterna_options.ts";

interface Namespace {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

/** Like the relay's: one object for all rooms. */
export class Rooms {
  readonly #app = new Hono().route("/rtc", signaling(STERNA_OPTIONS));

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }
}

const worker: unknown = {
  fetch: (request: Request, { ROOMS }: { ROOMS: Namespace }) =>
    ROOMS.get(ROOMS.idFromName("all")).fetch(request),
};
export default worker;
