/** Serves the page that measures in the reader's own browser, to this machine alone. */
import { build, stop } from "esbuild";
import { fileURLToPath } from "node:url";

/**
 * The page loads nothing from elsewhere. WebAssembly is compiled from bytes that are in the script;
 * being isolated from other origins makes the clock fine enough.
 */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; " +
    "worker-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

/** How to serve. */
export interface PageOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Gets what a page with `?report` has seen at its end. */
  readonly onReport?: (report: unknown) => void;
}

/** A page that is served. */
export interface PageServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Bundles the page and serves it on the loopback interface. */
export async function servePage({ port, onReport }: PageOptions): Promise<PageServer> {
  const [html, style, main, worker] = await Promise.all([
    Deno.readTextFile(new URL("page/index.html", import.meta.url)),
    Deno.readTextFile(new URL("page/style.css", import.meta.url)),
    bundle("page/main.ts"),
    bundle("page/bench_worker.ts"),
  ]);
  await stop();
  const files = new Map([
    ["/", [html, "text/html"]],
    ["/style.css", [style, "text/css"]],
    ["/main.js", [main, "text/javascript"]],
    ["/worker.js", [worker, "text/javascript"]],
  ]);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (onReport !== undefined && pathname === "/report" && request.method === "POST") {
        onReport(await request.json());
        return new Response(null, { status: 204 });
      }
      const [body, type] = files.get(pathname) ?? [];
      if (body === undefined) return new Response("not found", { status: 404, headers: HEADERS });
      return new Response(body, {
        headers: { ...HEADERS, "content-type": `${type}; charset=utf-8` },
      });
    },
  );
  return { port: server.addr.port, close: () => server.shutdown() };
}

async function bundle(path: string): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(path, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    minify: true,
    logLevel: "error",
  });
  return result.outputFiles[0]!.text;
}
