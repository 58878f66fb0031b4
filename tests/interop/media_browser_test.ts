/**
 * Media of real browsers: their packets opened by us and ours by them, RTP and RTCP, across a rollover.
 * The 32-bit tag is not among what browsers offer.
 */
import assert from "node:assert/strict";
import type { SrtpProfile } from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import { Echo, FIRST_SEQUENCE } from "./media/echo.ts";
import { page, type PageReport } from "./media/page.ts";
import { type Browser, browserMissing, chromium, firefox, openBrowser } from "./peers/browser.ts";

const PROFILES: readonly SrtpProfile[] = [
  "SRTP_AES128_CM_HMAC_SHA1_80",
  "SRTP_AEAD_AES_128_GCM",
  "SRTP_AEAD_AES_256_GCM",
];

/** A page that has not reported by then never will, milliseconds. */
const PATIENCE_MS = 60_000;

/** Lets a browser call the mirror; answers what the page saw. */
async function call(browser: Browser, echo: Echo): Promise<PageReport> {
  const { promise, resolve, reject } = Promise.withResolvers<PageReport>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      switch (new URL(request.url).pathname) {
        case "/offer":
          return new Response(await echo.answer((await request.json()).sdp));
        case "/report":
          resolve(await request.json());
          return new Response(null, { status: 204 });
        case "/":
          return new Response(page, { headers: { "content-type": "text/html" } });
        default:
          return new Response(null, { status: 404 });
      }
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const open = await openBrowser(browser, url, { mdns: false, media: true });
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
  const skip = await browserMissing(browser);
  for (const profile of PROFILES) {
    test(
      `${browser.name} plays its own camera and microphone, sent back under ${profile} (RFC 5764)`,
      async () => {
        const echo = new Echo([profile]);
        try {
          const report = await call(browser, echo);
          assert.equal(report.error, undefined);
          assert.equal(echo.profile, profile);
          assert.ok(report.framesDecoded >= 20, `${report.framesDecoded} frames`);
          assert.ok(report.audioPackets >= 100, `${report.audioPackets} audio packets`);
          assert.ok(report.pictureLosses > 0, "our SRTCP was not opened");
          assert.ok(report.reports >= 2, `${report.reports} reports`);
          // RFC 3550 §6.4.1: the browser's own sender reports.
          assert.ok(echo.controlTypes.has("sender-report"), `${[...echo.controlTypes]}`);
          assert.ok(!echo.controlTypes.has("malformed"), `${[...echo.controlTypes]}`);
          assert.ok(
            Math.max(...echo.packets) > 0x1_0000 - FIRST_SEQUENCE,
            `${echo.packets}: no rollover of ours`,
          );
          assert.equal(echo.stats()?.received.refused, 0);
        } finally {
          echo.close();
        }
      },
      { skip },
    );
  }
}
