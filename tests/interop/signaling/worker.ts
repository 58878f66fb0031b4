/** The routes on an edge host: one Durable Object holds every room. */
import { Hono } from "hono";
import { signaling } from "../../../src/signaling/mod.ts";

interface Stub {
  fetch(request: Request): Promise<Response>;
}

interface Environment {
  readonly ROOMS: { idFromName(name: string): unknown; get(id: unknown): Stub };
}

/** The object. */
export class Rooms {
  readonly #app = new Hono().route("/rtc", signaling());

  /** Answers every request of the worker. */
  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }
}

export default {
  fetch: (request: Request, { ROOMS }: Environment): Promise<Response> =>
    ROOMS.get(ROOMS.idFromName("all")).fetch(request),
};
