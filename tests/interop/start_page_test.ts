/** The start page in a real browser: two tabs and the Deno peer, chat and files both ways. */
import assert from "node:assert/strict";
import { chromium as launcher, type Page } from "playwright-core";
import { start } from "../../examples/start/server.ts";
import { RTCPeerConnection } from "../../mod.ts";
import { test } from "../harness.ts";
import { chromium } from "./peers/browser.ts";

/** A page that has not come so far by then never will, milliseconds. */
const PATIENCE_MS = 20_000;
/** Where the browser is. */
async function programPath(): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const program of chromium.programs) {
      const path = `${folder}/${program}`;
      if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
    }
  }
  throw new Error("no chromium on PATH");
}

// Not `browserMissing`: it bundles, and the bundler's process would outlast the first test's sanitizer.
const missing = await programPath().then(() => undefined, (error: Error) => error.message);

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  "--allow-loopback-in-peer-connection",
];

interface Setting {
  mdns: boolean;
  deno: boolean;
  tabs: number;
}

/** Opens the start page in as many tabs, all in one room. */
async function withPages(
  { mdns, deno, tabs }: Setting,
  body: (pages: Page[]) => Promise<void>,
): Promise<void> {
  const server = await start({
    hostname: "127.0.0.1",
    port: 0,
    room: "test",
    log: () => {},
    ...(deno && { createConnection: () => new RTCPeerConnection() }),
  });
  const args = mdns ? FLAGS : [...FLAGS, "--disable-features=WebRtcHideLocalIpsWithMdns"];
  const browser = await launcher.launch({ executablePath: await programPath(), args });
  try {
    const context = await browser.newContext({ acceptDownloads: true });
    context.setDefaultTimeout(PATIENCE_MS);
    const pages: Page[] = [], errors: string[] = [];
    for (let i = 0; i < tabs; i++) {
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
      await page.goto(`http://127.0.0.1:${server.port}/?room=test`);
      pages.push(page);
    }
    for (const page of pages) {
      await page.locator('[data-layer="sctp"][data-tone="good"]').nth(tabs - 2 + Number(deno))
        .waitFor();
    }
    await body(pages);
    assert.deepEqual(errors, []);
    await context.close();
  } finally {
    await browser.close();
    await server.close();
  }
}

async function say(page: Page, text: string): Promise<void> {
  await page.fill("#message", text);
  await page.press("#message", "Enter");
}

async function hears(page: Page, text: string | RegExp): Promise<void> {
  await page.locator("#log .line:not(.mine)").filter({ hasText: text }).first().waitFor();
}

/** Puts a file of `size` bytes on the page's shelf; answers its SHA-256. */
async function offer(page: Page, name: string, size: number): Promise<string> {
  return await page.evaluate(async ([name, size]) => {
    // The page's world, not ours.
    const world = globalThis as unknown as {
      DataTransfer: new () => { items: { add(file: File): void }; files: unknown };
      document: { querySelector(selector: string): EventTarget & { files: unknown } };
    };
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) {
      crypto.getRandomValues(bytes.subarray(at, Math.min(size, at + 65536)));
    }
    const transfer = new world.DataTransfer();
    transfer.items.add(new File([bytes], name));
    const input = world.document.querySelector("#chooser");
    input.files = transfer.files;
    input.dispatchEvent(new Event("change"));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }, [name, size] as const);
}

/** Fetches a file that is on offer; answers the SHA-256 of what was saved. */
async function get(page: Page, name: string): Promise<string> {
  const download = page.waitForEvent("download");
  await page.locator(`button[aria-label^="Get ${name} "]`).first().click();
  const bytes = await Deno.readFile(await (await download).path());
  const row = page.locator(`#transfers [data-name="${name}"][data-direction="in"] .about`).first();
  assert.match(await row.textContent() ?? "", /hash verified/);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

for (const mdns of [false, true]) {
  const how = mdns ? "behind mDNS names" : "with plain addresses";
  test(`Two tabs ${how} chat and exchange files through the start page`, async () => {
    await withPages({ mdns, deno: false, tabs: 2 }, async ([a, b]) => {
      await say(a!, "hello from a");
      await hears(b!, "hello from a");
      await say(b!, "<b>hello</b> from b");
      await hears(a!, "<b>hello</b> from b");
      const [fromA, fromB] = [await offer(a!, "a.bin", 3_000_001), await offer(b!, "b.bin", 0)];
      assert.equal(await get(b!, "a.bin"), fromA);
      assert.equal(await get(a!, "b.bin"), fromB);
    });
  }, { skip: missing });

  test(`A tab ${how} chats with the Deno peer and sends it a file and gets it back`, async () => {
    await withPages({ mdns, deno: true, tabs: 1 }, async ([page]) => {
      await hears(page!, "Hello! I am a Deno process");
      await say(page!, "/time");
      await hears(page!, /It is \d{4}-/);
      const hash = await offer(page!, "mine.bin", 5_000_000);
      assert.equal(await get(page!, "mine.bin"), hash);
      await get(page!, "sample-10-mb.bin");
      await page!.locator("details:not([hidden])").first().waitFor({ state: "attached" });
    });
  }, { skip: missing });
}

test("Two tabs and the Deno peer form a full mesh", async () => {
  await withPages({ mdns: false, deno: true, tabs: 2 }, async ([a, b]) => {
    await say(a!, "to all of you");
    await hears(b!, "to all of you");
    await say(b!, "/peers");
    await hears(b!, "Connected to 2");
  });
}, { skip: missing });

test(
  "A tab that loses the network resumes: notes of both directions arrive once, calls stand",
  async () => {
    await withPages({ mdns: false, deno: true, tabs: 2 }, async ([a, b]) => {
      const notes = (page: Page, count: number): Promise<void> =>
        page.locator(".person[data-exact=true]")
          .filter({ hasText: new RegExp(`note ${count} · none lost, none twice`) })
          .filter({ hasNotText: "Deno" }).waitFor();
      await Promise.all([a!.click("#notes"), b!.click("#notes")]);
      await Promise.all([notes(a!, 10), notes(b!, 10)]);
      const before = Number(await a!.textContent("#position"));
      await a!.click("#offline");
      await a!.locator("#session", { hasText: "Offline" }).waitFor();
      await b!.locator(".person[data-connected=false]").waitFor();
      await Promise.all([a!.click("#notes"), b!.click("#notes")]);
      await a!.locator("#queued", { hasText: /^10$/ }).waitFor();
      await a!.locator("#session", { hasText: "Resumed" }).waitFor();
      await Promise.all([notes(a!, 20), notes(b!, 20)]);
      assert.equal(await a!.textContent("#resumes"), "1");
      assert.equal(await b!.locator(".person[data-connected=false]").count(), 0);
      assert.ok(Number(await a!.textContent("#position")) > before);
      // The Deno peer's notes of each second, those of the dark ones included.
      await a!.locator(".person[data-exact=true]", { hasText: "Deno" }).waitFor();
      assert.equal(await a!.locator("[data-exact=false]").count(), 0);
      // What stands between the peers needs no server, and has not noticed.
      assert.equal(await a!.locator(".card").count(), 2);
      await say(a!, "still here");
      await hears(b!, "still here");
    });
  },
  { skip: missing },
);
