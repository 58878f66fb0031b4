/** The page of the benchmark in real browsers, in a run that is too short for figures. */
import assert from "node:assert/strict";
import { chromium as launcher } from "playwright-core";
import type { PageResult } from "../../bench/crypto/page/messages.ts";
import { servePage } from "../../bench/crypto/page_server.ts";
import { PROFILES } from "../../bench/crypto/packet_set.ts";
import { test } from "../harness.ts";
import { chromium, firefox } from "./peers/browser.ts";
import { Child } from "./peers/child.ts";

/** A page that has not come so far by then never will, milliseconds. */
const PATIENCE_MS = 60_000;

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** What `?report` sends. */
interface Report {
  readonly state: string;
  readonly results: readonly PageResult[];
  readonly bars: readonly { readonly kind: string; readonly width: number }[];
  readonly headline: string;
  readonly rows: number;
}

async function pathOf(programs: readonly string[]): Promise<string | undefined> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const program of programs) {
      const path = `${folder}/${program}`;
      if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
    }
  }
  return undefined;
}

const chromiumPath = await pathOf(chromium.programs);
const firefoxPath = await pathOf(firefox.programs);

/** Eight cases: the Rust core called in three ways, and TypeScript. */
function assertComplete({ state, results, bars, headline, rows }: Report): void {
  assert.equal(state, "done");
  for (const profile of PROFILES) {
    for (const payloadBytes of [160, 1200]) {
      const of = results.filter((one) =>
        one.profile === profile && one.payloadBytes === payloadBytes
      );
      const kinds = of.map(({ provider, batch }) => `${provider}-${batch}`).sort();
      assert.deepEqual(kinds, ["ts-64", "wasm-1", "wasm-64", "wasm-8"]);
      for (const { protectNs, unprotectNs } of of) assert.ok(protectNs + unprotectNs > 0);
    }
  }
  assert.equal(rows, results.length / 2, "one size at a time is listed");
  assert.equal(bars.length, 4 * PROFILES.length, "one size at a time is drawn");
  for (const kind of ["wasm-64", "wasm-8", "wasm-1", "ts-64"]) {
    assert.equal(bars.filter((bar) => bar.kind === `bar ${kind}`).length, PROFILES.length);
  }
  assert.ok(bars.every(({ width }) => width >= 1));
  assert.match(headline, /\/s – .* Gbit\/s on one core, .* times TypeScript/);
}

test("Chromium measures WebAssembly and TypeScript, and the plot follows the choices", async () => {
  let report: Report | undefined;
  const server = await servePage({ port: 0, onReport: (one) => report = one as Report });
  const browser = await launcher.launch({ executablePath: chromiumPath!, args: FLAGS });
  try {
    const context = await browser.newContext({ viewport: { width: 900, height: 800 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage(), errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
    const reported = page.waitForResponse((response) => response.url().endsWith("/report"));
    await page.goto(`http://127.0.0.1:${server.port}/?quick&report`);
    // The keyboard is enough.
    await page.locator("#run").focus();
    await page.keyboard.press("Enter");
    await reported;
    assertComplete(report!);
    const before = await page.locator("#plot").innerHTML();
    await page.locator('input[name="size"]:checked').focus();
    await page.keyboard.press("ArrowUp");
    assert.equal(await page.locator('input[name="size"][value="160"]').isChecked(), true);
    assert.notEqual(await page.locator("#plot").innerHTML(), before);
    await page.setViewportSize({ width: 360, height: 700 });
    const root = "document.documentElement";
    await page.waitForFunction(`document.querySelector("#plot").clientWidth < 360`);
    assert.equal(await page.evaluate(`${root}.scrollWidth <= ${root}.clientWidth`), true);
    assert.deepEqual(errors, []);
    await context.close();
  } finally {
    await browser.close();
    await server.close();
  }
}, { skip: chromiumPath === undefined ? "no chromium on PATH" : undefined });

test("Firefox measures WebAssembly and TypeScript", async () => {
  const { promise, resolve, reject } = Promise.withResolvers<Report>();
  const server = await servePage({ port: 0, onReport: (one) => resolve(one as Report) });
  const profile = await Deno.makeTempDir({ prefix: "sterna-bench-" });
  const url = `http://127.0.0.1:${server.port}/?auto&quick&report`;
  const args = await firefox.prepare(profile, url, { mdns: false });
  const child = new Child(
    { command: firefoxPath!, args, env: { MOZ_DISABLE_AUTO_SAFE_MODE: "1" } },
    () => {},
  );
  const timer = setTimeout(() => reject(new Error(`no report\n${child.log}`)), PATIENCE_MS);
  try {
    assertComplete(await promise);
  } finally {
    clearTimeout(timer);
    await child.kill();
    await server.close();
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}, { skip: firefoxPath === undefined ? "no firefox on PATH" : undefined });
