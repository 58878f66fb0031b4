import { browserMissing, firefox, startBrowser } from "./peers/browser.ts";
import { interop } from "./suite.ts";

const missing = await browserMissing(firefox);

interop({
  name: "Firefox",
  missing,
  start: () => startBrowser(firefox, { mdns: false }),
});

interop({
  name: "Firefox behind mDNS names",
  missing,
  only: /candidates|at once/,
  start: () => startBrowser(firefox, { mdns: true }),
});
