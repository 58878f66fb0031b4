/**
 * Chromium, Firefox and Deno in one room, each connected with both others, through the routes on every
 * host; and simple-peer in both browsers.
 */
import assert from "node:assert/strict";
import { RTCPeerConnection } from "../../mod.ts";
import { installPackage, packageMissing } from "../../tools/packages.ts";
import { test } from "../harness.ts";
import { browserMissing, chromium, firefox, openBrowser } from "./peers/browser.ts";
import { greetAll } from "./signaling/greeter.ts";
import { bundleSignaling, hostMissing, HOSTS, startHost } from "./signaling/hosts.ts";

/** A page that has not reported by then never will, milliseconds. */
const PATIENCE_MS = 45_000;

interface Report {
  readonly name: string;
  readonly heard?: string[];
  readonly error?: string;
}

const browsers = [chromium, firefox];
const { page } = await bundleSignaling();
const missing = (await Promise.all(browsers.map(browserMissing))).find((reason) => reason);

/** Serves the page, and resolves each browser's report. */
function servePage(simplePeer: string): {
  url: string;
  reports: Promise<Report[]>;
  close(): Promise<void>;
} {
  const { promise: reports, resolve, reject } = Promise.withResolvers<Report[]>();
  const seen: Report[] = [];
  const timer = setTimeout(
    () => reject(new Error(`only ${JSON.stringify(seen)} reported`)),
    PATIENCE_MS,
  );
  const html = '<!doctype html><meta charset="utf-8"><title>signaling</title>' +
    '<script src="/simple-peer.js"></script><script type="module" src="/page.js"></script>';
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, async (request) => {
    const script = { headers: { "content-type": "text/javascript" } };
    switch (new URL(request.url).pathname) {
      case "/":
        return new Response(html, { headers: { "content-type": "text/html" } });
      case "/page.js":
        return new Response(page, script);
      case "/simple-peer.js":
        return new Response(simplePeer, script);
      case "/report":
        seen.push(await request.json());
        if (seen.length === browsers.length) resolve(seen);
        return new Response(null, { status: 204 });
      default:
        return new Response(null, { status: 404 });
    }
  });
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    await server.shutdown();
  };
  return { url: `http://127.0.0.1:${server.addr.port}/`, reports, close };
}

/** Opens a page in each browser and answers what they heard, by browser. */
async function heardBy(
  signalingUrl: string,
  kind: "w3c" | "simple-peer",
  others: number,
  simplePeer = "",
): Promise<Map<string, string[]>> {
  const served = servePage(simplePeer);
  const open = await Promise.all(browsers.map((browser) => {
    const query = new URLSearchParams({
      ...{ url: signalingUrl, name: browser.name, others: String(others), kind },
    });
    return openBrowser(browser, `${served.url}?${query}`, { mdns: false });
  }));
  try {
    const reports = await served.reports;
    for (const { error } of reports) assert.equal(error, undefined);
    return new Map(reports.map(({ name, heard }) => [name, (heard ?? []).sort()]));
  } finally {
    await Promise.all(open.map((browser) => browser.close()));
    await served.close();
  }
}

for (const name of HOSTS) {
  test(
    `Chromium, Firefox and Deno meet through routes on ${name}, and resume under their calls`,
    async () => {
      const host = await startHost(name);
      let leave: () => Promise<void> = () => Promise.resolve();
      try {
        const create = (): RTCPeerConnection => new RTCPeerConnection();
        const [atDeno, heard] = await Promise.all([
          greetAll(host.url, "deno", 2, create, true, (close) => leave = close),
          heardBy(host.url, "w3c", 2),
        ]);
        assert.deepEqual(atDeno, ["chromium", "firefox"]);
        assert.deepEqual(heard.get("chromium"), ["deno", "firefox"]);
        assert.deepEqual(heard.get("firefox"), ["chromium", "deno"]);
      } finally {
        await leave();
        await host.close();
      }
    },
    { skip: missing ?? await hostMissing(name) },
  );
}

test("simple-peer in Chromium and Firefox connects through a room", async () => {
  const folder = await installPackage("simple-peer");
  const path = `${folder}/node_modules/simple-peer/simplepeer.min.js`;
  const host = await startHost("deno");
  try {
    const heard = await heardBy(host.url, "simple-peer", 1, await Deno.readTextFile(path));
    assert.deepEqual(heard.get("chromium"), ["firefox"]);
    assert.deepEqual(heard.get("firefox"), ["chromium"]);
  } finally {
    await host.close();
  }
}, { skip: missing ?? await packageMissing("simple-peer") });
