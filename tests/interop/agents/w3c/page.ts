/** The agent in a browser's page: commands come over a WebSocket of the server of the page. */
import type { Request } from "../../protocol.ts";
import { type AnyConnection, W3cAgent } from "./agent.ts";

declare const RTCPeerConnection: new () => AnyConnection;

const socket = new WebSocket(location.href.replace(/^http/, "ws"));
const send = (message: unknown): void => socket.send(JSON.stringify(message));
const agent = new W3cAgent({ create: () => new RTCPeerConnection() }, send);
socket.onmessage = async ({ data }) => send(await agent.handle(JSON.parse(data) as Request));
