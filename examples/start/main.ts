/**
 * `deno task start`: a web page and a Deno process connected by WebRTC data channels.
 *
 * @module
 */
import { RTCPeerConnection } from "../../mod.ts";
import { isRoomName } from "../../src/signaling/mod.ts";
import { start, type StartServer } from "./server.ts";

const HELP = `Serves a page that connects your browser to this Deno process, peer to peer.

Usage: deno task start [options]

  --port <number>   port to listen on; without it 8080, or a free one if that is taken
  --host <address>  address to listen on (127.0.0.1); 0.0.0.0 lets other devices in
  --room <name>     room of the printed address (demo)
  --help            this text
`;

const DEFAULT_PORT = 8080;

interface Arguments {
  port: number | undefined;
  host: string;
  room: string;
}

function parseArguments(args: readonly string[]): Arguments {
  const parsed: Arguments = { port: undefined, host: "127.0.0.1", room: "demo" };
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = args[i]!.split("=", 2);
    if (name === "--help" || name === "-h") {
      console.log(HELP);
      Deno.exit(0);
    }
    if (name !== "--port" && name !== "--host" && name !== "--room") fail(`unknown option ${name}`);
    const value = inline ?? args[++i];
    if (value === undefined) fail(`${name} needs a value`);
    if (name === "--host") parsed.host = value;
    else if (name === "--room") parsed.room = isRoomName(value) ? value : fail("no such room name");
    else if (/^\d{1,5}$/.test(value) && Number(value) < 65536) parsed.port = Number(value);
    else fail(`${value} is no port`);
  }
  return parsed;
}

function fail(message: string): never {
  console.error(`${message}\n\n${HELP}`);
  Deno.exit(2);
}

async function startAnywhere({ port, host, room }: Arguments): Promise<StartServer> {
  const createConnection = (): RTCPeerConnection => new RTCPeerConnection();
  const log = (line: string): void => console.log(`  ${new Date().toLocaleTimeString()}  ${line}`);
  const options = { hostname: host, room, createConnection, log };
  try {
    return await start({ ...options, port: port ?? DEFAULT_PORT });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    if (port !== undefined) fail(`port ${port} is taken`);
    return await start({ ...options, port: 0 });
  }
}

/** Addresses to open: the loopback one first, because browsers trust it like https. */
function addresses(server: StartServer): string[] {
  const isAny = server.hostname === "0.0.0.0" || server.hostname === "::";
  if (!isAny) return [server.hostname === "127.0.0.1" ? "localhost" : server.hostname];
  const outside = Deno.networkInterfaces()
    .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
    .map(({ address }) => address);
  return ["localhost", ...outside];
}

const args = parseArguments(Deno.args);
const server = await startAnywhere(args);
const urls = addresses(server).map((host) => {
  return `http://${host.includes(":") ? `[${host}]` : host}:${server.port}/?room=${args.room}`;
});

console.log(`
  Sterna: WebRTC between this Deno process and your browser

  Open  ${urls.join("\n        ")}

  Then chat with the process, send it a file, watch the connection. Open the page
  again in a second tab, and the tabs connect to each other as well.
  Ctrl+C stops.
`);

/** Browsers keep their WebSockets open; nobody who presses Ctrl+C wants to wait for them. */
const GOODBYE_MS = 300;

Deno.addSignalListener("SIGINT", () => {
  setTimeout(() => Deno.exit(0), GOODBYE_MS);
  void server.close().then(() => Deno.exit(0));
});
