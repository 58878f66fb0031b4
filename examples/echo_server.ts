/**
 * An echo server for data channels: one HTTP request brings an offer and takes the answer back, then
 * everything that is sent comes back. All connections share one UDP port.
 *
 *     deno run -A --unstable-net examples/echo_server.ts [--port 8787] [--udp 8788]
 *
 * In a browser's console on http://127.0.0.1:8787:
 *
 *     const pc = new RTCPeerConnection();
 *     const channel = pc.createDataChannel("echo");
 *     channel.onmessage = ({ data }) => console.log(data);
 *     channel.onopen = () => channel.send("Hello?");
 *     await pc.setLocalDescription();
 *     while (pc.iceGatheringState !== "complete") await new Promise((r) => setTimeout(r, 50));
 *     const response = await fetch("/offer", { method: "POST", body: pc.localDescription.sdp });
 *     await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
 *
 * @module
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { parseArgs } from "node:util";
import { RTCPeerConnection } from "@sterna/webrtc";

const { values } = parseArgs({
  options: { port: { type: "string", default: "8787" }, udp: { type: "string", default: "8788" } },
});

/** A client that sends and does not read is not waited for beyond this. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** Resolves when every candidate is in the local description. */
function gathered(pc: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const check = () => pc.iceGatheringState === "complete" && resolve();
    pc.addEventListener("icegatheringstatechange", check);
    check();
  });
}

async function answer(offer: string): Promise<string> {
  const pc = new RTCPeerConnection({}, {
    udp: { port: Number(values.udp), includeLoopback: true },
  });
  pc.onconnectionstatechange = () => {
    console.log(`connection ${pc.connectionState}`);
    if (pc.connectionState === "failed" || pc.connectionState === "disconnected") pc.close();
  };
  pc.ondatachannel = ({ channel }) => {
    console.log(`channel "${channel.label}"`);
    channel.onmessage = ({ data }) => {
      if (channel.bufferedAmount > MAX_BUFFERED_BYTES) pc.close();
      else channel.send(data);
    };
    channel.onclose = () => pc.close();
  };
  try {
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    await pc.setLocalDescription();
    await gathered(pc);
    return pc.localDescription!.sdp;
  } catch (error) {
    pc.close();
    throw error;
  }
}

const app = new Hono();
app.get("/", (c) => c.text("POST an SDP offer to /offer and set what comes back as the answer.\n"));
app.post("/offer", bodyLimit({ maxSize: 64 * 1024 }), async (c) => {
  try {
    return c.text(await answer(await c.req.text()), 201);
  } catch (error) {
    return c.text(`${error}\n`, 400);
  }
});

const onListen = ({ port }: Deno.NetAddr) => console.log(`echo server: http://127.0.0.1:${port}`);
Deno.serve({ hostname: "127.0.0.1", port: Number(values.port), onListen }, app.fetch);
