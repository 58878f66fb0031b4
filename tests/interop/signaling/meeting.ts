/** Where the members of a counting call wait for each other, and the page that browsers come in by. */
import { build } from "esbuild";
import type { Arrival, CallReport, Release, Stage } from "./caller.ts";

/** A call that is not over by then never will be, milliseconds. */
const PATIENCE_MS = 60_000;

interface Waiting {
  readonly arrivals: Map<string, Arrival>;
  readonly released: PromiseWithResolvers<Release>;
}

/** Bundles the page. Before the tests: esbuild keeps a process of its own. */
export async function bundleCallPage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [decodeURIComponent(new URL("call_page.ts", import.meta.url).pathname)],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}

/** One call: `onStage` does what is to be done when the last member has come to a stage. */
export class Meeting {
  readonly #members: readonly string[];
  readonly #onStage: (stage: Stage) => Promise<Release>;
  readonly #stages = new Map<Stage, Waiting>();
  readonly #over = Promise.withResolvers<Map<string, CallReport>>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #timer: ReturnType<typeof setTimeout>;
  #failure: Error | undefined;

  constructor(
    members: readonly string[],
    page: string,
    onStage: (stage: Stage) => Promise<Release>,
  ) {
    this.#members = members;
    this.#onStage = onStage;
    this.#over.promise.catch(() => {});
    this.#timer = setTimeout(() => this.fail(new Error(this.#whereabouts())), PATIENCE_MS);
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request, page));
  }

  /** Address of the page. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** What the members found, when all are done. */
  get reports(): Promise<Map<string, CallReport>> {
    return this.#over.promise;
  }

  /** A member has come to a stage. Resolves when all have. */
  arrive(stage: Stage, name: string, arrival: Arrival): Promise<Release> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const waiting = this.#stages.get(stage) ??
      { arrivals: new Map(), released: Promise.withResolvers<Release>() };
    this.#stages.set(stage, waiting);
    waiting.released.promise.catch(() => {});
    waiting.arrivals.set(name, arrival);
    if (waiting.arrivals.size === this.#members.length) void this.#release(stage, waiting);
    return waiting.released.promise;
  }

  /** Ends it for everybody. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#over.reject(error);
    for (const { released } of this.#stages.values()) released.reject(error);
  }

  /** Closes the page's server. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.fail(new Error("the meeting is over"));
    await this.#server.shutdown();
  }

  async #release(stage: Stage, { arrivals, released }: Waiting): Promise<void> {
    const said: Record<string, number> = {}, reports = new Map<string, CallReport>();
    for (const [name, arrival] of arrivals) {
      said[name] = arrival.said ?? 0;
      if (arrival.report !== undefined) reports.set(name, arrival.report);
    }
    try {
      released.resolve({ ...await this.#onStage(stage), said });
    } catch (error) {
      return this.fail(error as Error);
    }
    if (stage === "done") this.#over.resolve(reports);
  }

  async #answer(request: Request, page: string): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url), name = searchParams.get("name") ?? "";
    if (request.method === "GET") {
      const html = '<!doctype html><meta charset="utf-8"><title>call</title>' +
        '<script type="module" src="/page.js"></script>';
      if (pathname === "/") return typed("text/html", html);
      if (pathname === "/page.js") return typed("text/javascript", page);
      return new Response(null, { status: 404 });
    }
    const body = await request.json();
    if (pathname === "/broken") this.fail(new Error(`${name}: ${body}`));
    try {
      return Response.json(await this.arrive(pathname.slice(1) as Stage, name, body));
    } catch {
      return new Response(null, { status: 500 });
    }
  }

  #whereabouts(): string {
    const stages = [...this.#stages].map(([stage, { arrivals }]) =>
      `${stage}: ${[...arrivals.keys()].join(", ")}`
    );
    return `the call does not go on; ${stages.join("; ")}`;
  }
}

function typed(type: string, text: string): Response {
  return new Response(text, { headers: { "content-type": type } });
}
