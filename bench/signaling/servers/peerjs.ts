/** The PeerJS server as its documentation starts it. */
import type { Server } from "node:http";
import { announce } from "./listen.ts";

interface PeerModule {
  PeerServer(
    options: Record<string, unknown>,
    started: (server: Server) => void,
  ): unknown;
}

const name = "peer";
const { PeerServer } = await import(name) as PeerModule;
const limits = { concurrent_limit: 20_000, alive_timeout: 600_000 };
PeerServer({ host: "127.0.0.1", port: 0, path: "/", ...limits }, (server) => {
  announce((server.address() as { port: number }).port);
});
