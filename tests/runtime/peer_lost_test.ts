import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { RTCPeerConnection } from "../../src/api/mod.ts";
import { test } from "../harness.ts";
import { ended, start } from "./child.ts";
import { LOOPBACK, next } from "./link.ts";

test("A peer that is killed is noticed as disconnected, and close() leaves nothing open (RFC 7675, webrtc-pc §5.6)", async () => {
  const child = start("victim");
  const end = ended(child);
  const pc = new RTCPeerConnection({}, LOOPBACK);
  const say = (message: unknown): void => void child.stdin!.write(JSON.stringify(message) + "\n");
  const lines = createInterface({ input: child.stdout! });
  lines.on("line", async (line) => {
    const { description, candidate } = JSON.parse(line);
    if (description !== undefined) await pc.setRemoteDescription(description);
    else await pc.addIceCandidate(candidate);
  });
  pc.onicecandidate = ({ candidate }) => say({ candidate });
  const channel = pc.createDataChannel("last words");
  await pc.setLocalDescription();
  say({ description: pc.localDescription });
  await next(channel, "open");
  channel.send("are you there?");
  await next(channel, "message");
  child.kill("SIGKILL");
  const { signal } = await end;
  assert.equal(signal, "SIGKILL");
  lines.close();
  // Into the void: the system answers that nobody listens there.
  for (let i = 0; i < 20; i++) channel.send(new Uint8Array(10_000));
  while (pc.connectionState === "connected") await next(pc, "connectionstatechange");
  assert.ok(["disconnected", "failed"].includes(pc.connectionState), pc.connectionState);
  assert.equal(channel.readyState, "open", "channels outlive the path until SCTP gives up");
  pc.close();
  assert.equal(channel.readyState, "closed");
});
