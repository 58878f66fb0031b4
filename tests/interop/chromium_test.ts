import { browserMissing, chromium, startBrowser } from "./peers/browser.ts";
import { interop } from "./suite.ts";

const missing = await browserMissing(chromium);

interop({
  name: "Chromium",
  missing,
  start: () => startBrowser(chromium, { mdns: false }),
});

interop({
  name: "Chromium behind mDNS names",
  missing,
  only: /candidates|at once/,
  start: () => startBrowser(chromium, { mdns: true }),
});
