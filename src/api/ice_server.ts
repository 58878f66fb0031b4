import { utf8Encode } from "../base/mod.ts";

/** One entry of `iceServers`, converted. */
interface Server {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** What an ICE server URL says. */
export interface IceServerUrl {
  readonly scheme: "stun" | "stuns" | "turn" | "turns";
  readonly host: string;
  readonly port: number;
  /** For "turn" and "turns": how the server is reached (RFC 7065 §3.1). */
  readonly transport: "udp" | "tcp";
}

/** RFC 7064 §3.2, RFC 7065 §3.2. */
const DEFAULT_PORTS = { stun: 3478, turn: 3478, stuns: 5349, turns: 5349 } as const;

/** RFC 8489 §14.3: fewer than 509 bytes. */
const MAX_USERNAME_BYTES = 508;

/**
 * "Validate an ICE server URL" for each URL of a server (webrtc-pc §4.4.1.6).
 *
 * @throws {DOMException} `SyntaxError` for a malformed URL, `InvalidAccessError` for a TURN server
 *   without proper credentials
 */
export function validateIceServer(server: Server): void {
  const { urls } = server;
  if (urls.length === 0) syntax("an ICE server must have at least one URL");
  for (const url of urls) {
    const { scheme } = parseIceServerUrl(url);
    if (scheme === "turn" || scheme === "turns") checkCredentials(server);
  }
}

/**
 * Reads a STUN or TURN URL (RFC 7064, RFC 7065) by the steps of webrtc-pc §4.4.1.6.
 *
 * @throws {DOMException} `SyntaxError`
 */
export function parseIceServerUrl(text: string): IceServerUrl {
  const url = parseUrl(text) ?? syntax(`${JSON.stringify(text)} is not a URL`);
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== "stun" && scheme !== "stuns" && scheme !== "turn" && scheme !== "turns") {
    syntax(`${JSON.stringify(text)} is no STUN or TURN URL`);
  }
  const path = url.pathname;
  if (url.host !== "" || path === "" || path.startsWith("/") || /[/@]/.test(path)) {
    syntax(`${JSON.stringify(text)} is not of the form ${scheme}:host:port`);
  }
  if (text.includes("#")) syntax(`${JSON.stringify(text)} has a fragment`);
  const query = text.includes("?") ? text.slice(text.indexOf("?") + 1) : undefined;
  const isTurn = scheme === "turn" || scheme === "turns";
  if (query !== undefined && !(isTurn && /^transport=(udp|tcp)$/.test(query))) {
    syntax(`${JSON.stringify(text)} has a query that is not understood`);
  }
  const authority = parseUrl(`https://${path}`);
  if (authority === undefined || authority.pathname !== "/" || authority.hostname === "") {
    syntax(`${JSON.stringify(text)} has a malformed host or port`);
  }
  const explicit = /:(\d+)$/.exec(path)?.[1];
  return {
    scheme,
    host: authority.hostname,
    port: explicit === undefined ? DEFAULT_PORTS[scheme] : Number(explicit),
    transport: query === "transport=tcp" || scheme === "turns" && query === undefined
      ? "tcp"
      : "udp",
  };
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function checkCredentials({ username, credential }: Server): void {
  if (username === undefined || credential === undefined) {
    throw new DOMException("a TURN server needs username and credential", "InvalidAccessError");
  }
  const length = utf8Encode(username).length;
  if (length > MAX_USERNAME_BYTES) {
    throw new DOMException(
      `username is ${length} bytes long, at most 508 are allowed`,
      "InvalidAccessError",
    );
  }
}

function syntax(message: string): never {
  throw new DOMException(message, "SyntaxError");
}
