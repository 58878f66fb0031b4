import assert from "node:assert/strict";
import { RTCPeerConnection } from "../../mod.ts";
import { detectHost } from "../../src/host/mod.ts";
import { test } from "../harness.ts";
import { Program } from "./program.ts";

const CLIENTS = 5;

async function freePort(): Promise<number> {
  const socket = await detectHost().openUdp({ ip: "127.0.0.1" }, () => {}, () => {});
  await socket.close();
  return socket.address.port;
}

/** Sends messages to the server and resolves to what came back. */
async function echoes(
  url: string,
  messages: readonly (string | Uint8Array<ArrayBuffer>)[],
): Promise<unknown[]> {
  const pc = new RTCPeerConnection({}, { udp: { addresses: ["127.0.0.1"] } });
  const channel = pc.createDataChannel("échø");
  const back: unknown[] = [];
  const done = new Promise<void>((resolve) => {
    channel.onmessage = ({ data }) => {
      back.push(typeof data === "string" ? data : new Uint8Array(data));
      if (back.length === messages.length) resolve();
    };
  });
  channel.onopen = () => messages.forEach((message) => channel.send(message as string));
  const complete = new Promise<void>((resolve) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && resolve();
  });
  await pc.setLocalDescription();
  await complete;
  const response = await fetch(`${url}/offer`, { method: "POST", body: pc.localDescription!.sdp });
  assert.equal(response.status, 201);
  await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
  await done;
  pc.close();
  return back;
}

test("echo_server.ts sends back what many clients send, and survives what is no offer", async () => {
  const server = new Program("echo_server.ts", "--port", "0", "--udp", String(await freePort()));
  try {
    const url = await server.printed(/(http:\/\/127\.0\.0\.1:\d+)/);
    const page = await fetch(url);
    assert.match(await page.text(), /\/offer/);
    for (const body of ["", "not SDP", "v=0\r\n", "x".repeat(100_000)]) {
      const response = await fetch(`${url}/offer`, { method: "POST", body });
      await response.text();
      assert.ok([400, 413].includes(response.status), `${response.status}`);
    }
    const clients = Array.from({ length: CLIENTS }, (_, i) => [
      `hello ${i} 🐦`,
      "",
      new Uint8Array(0),
      new Uint8Array(200_000).fill(i),
      `bye ${i}`,
    ]);
    const all = await Promise.all(clients.map((messages) => echoes(url, messages)));
    assert.deepEqual(all, clients);
    assert.equal(server.errors, "");
  } finally {
    await server.stop();
  }
});
