/**
 * The vector suites of SRTP and of the AEADs in real browsers: the Rust core in both of its builds, and
 * pure TypeScript.
 */
import assert from "node:assert/strict";
import { build } from "esbuild";
import { test } from "../harness.ts";
import type { VectorReport } from "./browser/vectors.ts";
import { type Browser, browserMissing, chromium, firefox, openBrowser } from "./peers/browser.ts";

/** A page that has not reported by then never will, milliseconds. */
const PATIENCE_MS = 120_000;

const here = (name: string): string =>
  decodeURIComponent(new URL(`browser/${name}.ts`, import.meta.url).pathname);

// Before the tests: the bundler's process would outlast the first one's sanitizer.
const script = await bundle();

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here("vectors")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    alias: {
      "node:assert/strict": here("assert"),
      "node:process": here("process"),
      "node:test": here("registry"),
    },
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}

/** Lets a browser run the page; answers what it reports. */
async function runPage(browser: Browser): Promise<VectorReport> {
  const { promise, resolve, reject } = Promise.withResolvers<VectorReport>();
  const html = '<!doctype html><meta charset="utf-8"><title>vectors</title>' +
    '<script type="module" src="/vectors.js"></script>';
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      switch (new URL(request.url).pathname) {
        case "/vectors.js":
          return new Response(script, { headers: { "content-type": "text/javascript" } });
        case "/report":
          resolve(await request.json());
          return new Response(null, { status: 204 });
        case "/":
          return new Response(html, { headers: { "content-type": "text/html" } });
        default:
          return new Response(null, { status: 404 });
      }
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const open = await openBrowser(browser, url, { mdns: false });
  const timer = setTimeout(() => reject(new Error(`no report\n${open.child.log}`)), PATIENCE_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await open.close();
    await server.shutdown();
  }
}

for (const browser of [chromium, firefox]) {
  const missing = await browserMissing(browser);
  test(
    `Every provider passes the vectors of SRTP and AEADs in ${browser.name} (RFC 3711, RFC 7714)`,
    async () => {
      const { userAgent, results } = await runPage(browser);
      assert.match(userAgent, browser === firefox ? /Firefox/ : /Chrome/);
      const failed = results.filter(({ error }) => error !== undefined);
      assert.deepEqual(failed.map(({ name, error }) => `${name}\n${error}`), []);
      for (const provider of ["ts", "wasm (relaxed-simd)", "wasm (simd128)"]) {
        const count = results.filter(({ name }) => name.startsWith(`${provider}: `)).length;
        assert.ok(count >= 19, `${count} tests of ${provider}`);
      }
    },
    { skip: missing },
  );
}
