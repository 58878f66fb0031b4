import { Peer, type Traits } from "../peer.ts";
import { Child } from "./child.ts";
import { runs } from "./programs.ts";
import { pageScript } from "./scripts.ts";

/** What users have, or every address in plain sight. */
export interface BrowserOptions {
  /** Whether host addresses hide behind mDNS names. */
  readonly mdns: boolean;
  /** Whether pages get a camera and a microphone, made up, without asking. */
  readonly media?: boolean;
}

/** How a browser is started. */
export interface Browser {
  readonly name: string;
  readonly programs: readonly string[];
  readonly traits: Traits;
  /** Writes what belongs into the profile and answers the arguments. */
  prepare(profile: string, url: string, options: BrowserOptions): Promise<readonly string[]>;
}

/** A browser that has not opened the page by then never will, milliseconds. */
const START_MS = 30_000;

export const chromium: Browser = {
  name: "chromium",
  programs: ["chromium", "chromium-browser", "google-chrome"],
  traits: {},
  prepare: (profile, url, { mdns, media = false }) =>
    Promise.resolve([
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      "--allow-loopback-in-peer-connection",
      ...(mdns ? [] : ["--disable-features=WebRtcHideLocalIpsWithMdns"]),
      ...(media ? ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] : []),
      `--user-data-dir=${profile}`,
      url,
    ]),
};

const FIREFOX_PREFERENCES: Readonly<Record<string, boolean | number | string>> = {
  "media.peerconnection.ice.loopback": true,
  // No page of its own, no update, no report, no question whether there is a network.
  "app.update.enabled": false,
  "app.normandy.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.newtabpage.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.safebrowsing.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.healthreport.uploadEnabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.prefetch-next": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
  "toolkit.telemetry.unified": false,
};

const FIREFOX_FAKE_MEDIA: Readonly<Record<string, boolean | number>> = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "media.autoplay.default": 0,
};

export const firefox: Browser = {
  name: "firefox",
  programs: ["firefox-esr", "firefox"],
  traits: {},
  async prepare(profile, url, { mdns, media = false }) {
    const preferences = {
      ...FIREFOX_PREFERENCES,
      ...(media && FIREFOX_FAKE_MEDIA),
      "media.peerconnection.ice.obfuscate_host_addresses": mdns,
    };
    const lines = Object.entries(preferences).map(([name, value]) =>
      `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`
    );
    await Deno.writeTextFile(`${profile}/user.js`, lines.join(""));
    return ["--headless", "--no-remote", "--profile", profile, url];
  },
};

/** Why a browser cannot be used here, or `undefined`. */
export async function browserMissing(browser: Browser): Promise<string | undefined> {
  await pageScript();
  return await programOf(browser) === undefined ? `no ${browser.name} on PATH` : undefined;
}

async function programOf({ programs }: Browser): Promise<string | undefined> {
  for (const program of programs) if (await runs(program)) return program;
  return undefined;
}

/** A browser that runs. */
export interface OpenBrowser {
  /** Its process. */
  readonly child: Child;
  /** Ends it, and removes its profile. */
  close(): Promise<void>;
}

/** Starts a browser with an empty profile on a page. */
export async function openBrowser(
  browser: Browser,
  url: string,
  options: BrowserOptions,
): Promise<OpenBrowser> {
  const program = await programOf(browser);
  if (program === undefined) throw new Error(`no ${browser.name} on PATH`);
  const profile = await Deno.makeTempDir({ prefix: "sterna-interop-" });
  const args = await browser.prepare(profile, url, options);
  const child = new Child(
    { command: program, args, env: { MOZ_DISABLE_AUTO_SAFE_MODE: "1" } },
    () => {},
  );
  const close = async (): Promise<void> => {
    await child.kill();
    await removeProfile(profile);
  };
  return { child, close };
}

/** Starts a browser with an empty profile, on a page that obeys. */
export async function startBrowser(browser: Browser, options: BrowserOptions): Promise<Peer> {
  const peer = new Peer(browser.name, browser.traits);
  const page = await servePage(peer);
  const open = await openBrowser(browser, page.url, options);
  const close = async (): Promise<void> => {
    await open.close();
    await page.close();
  };
  try {
    const socket = await withLimit(page.socket, open.child);
    return peer.attach({ send: (request) => socket.send(JSON.stringify(request)), close });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Page {
  readonly url: string;
  /** Resolves once the page has come. */
  readonly socket: Promise<WebSocket>;
  close(): Promise<void>;
}

async function servePage(peer: Peer): Promise<Page> {
  const script = await pageScript();
  const html =
    `<!doctype html><meta charset="utf-8"><title>interop</title><script src="/page.js">` +
    "</script>";
  const { promise, resolve } = Promise.withResolvers<WebSocket>();
  let open: WebSocket | undefined;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (request.headers.get("upgrade") === "websocket") {
      const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
      open = socket;
      socket.onopen = () => resolve(socket);
      socket.onmessage = ({ data }) => peer.receive(JSON.parse(data));
      socket.onclose = () => peer.died("the page is gone");
      socket.onerror = () => {};
      return response;
    }
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response(html, { headers: { "content-type": "text/html" } });
    if (pathname !== "/page.js") return new Response("not found", { status: 404 });
    return new Response(script, { headers: { "content-type": "text/javascript" } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    socket: promise,
    async close() {
      if (open !== undefined && open.readyState !== WebSocket.CLOSED) {
        const { promise: closed, resolve: done } = Promise.withResolvers<void>();
        open.addEventListener("close", () => done());
        open.close();
        await closed;
      }
      await server.shutdown();
    },
  };
}

async function withLimit(socket: Promise<WebSocket>, child: Child): Promise<WebSocket> {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no page within 30 s\n${child.log}`)), START_MS);
  void child.ended.then(() => reject(new Error(`the browser ended\n${child.log}`)));
  failed.catch(() => {});
  try {
    return await Promise.race([socket, failed]);
  } finally {
    clearTimeout(timer);
  }
}

async function removeProfile(profile: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return await Deno.remove(profile, { recursive: true });
    } catch {
      // Something of the browser was still writing when it was ended.
    }
  }
}
