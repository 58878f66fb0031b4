import assert from "node:assert/strict";
import type { RTCPeerConnection } from "../../src/api/mod.ts";
import { randomU32, seededEntropy } from "../../src/base/mod.ts";
import { parseSdp } from "../../src/sdp/mod.ts";
import { test } from "../harness.ts";
import { exchange, peers, turns } from "./virtual_peers.ts";

const ALLOWED = [
  "InvalidStateError",
  "InvalidModificationError",
  "InvalidAccessError",
  "OperationError",
  "TypeError",
];

/** What a program might do at any time, sensible or not. */
const OPERATIONS: readonly ((self: RTCPeerConnection, other: RTCPeerConnection) => unknown)[] = [
  (self) => self.createDataChannel("walk"),
  (self) => self.createDataChannel("negotiated", { negotiated: true, id: 20 }),
  (self) => self.setLocalDescription(),
  (self) => self.setLocalDescription({ type: "rollback" }),
  (self) => self.setRemoteDescription({ type: "rollback" }),
  (self, other) => other.localDescription && self.setRemoteDescription(other.localDescription),
  (self, other) => other.localDescription && self.setRemoteDescription(other.localDescription),
  (self, other) =>
    other.localDescription &&
    self.setRemoteDescription({ type: "pranswer", sdp: other.localDescription.sdp }),
  async (self) => await self.setLocalDescription(await self.createOffer({ iceRestart: true })),
  async (self) => await self.setLocalDescription(await self.createAnswer()),
  async (self) => {
    const { sdp } = await self.createAnswer();
    await self.setLocalDescription({ type: "pranswer", sdp });
  },
  (self) => self.restartIce(),
  (self) => self.addIceCandidate(),
  (self) =>
    self.addIceCandidate({
      candidate: "candidate:1 1 udp 1 10.0.0.77 9 typ host",
      sdpMLineIndex: 0,
    }),
  (self) => self.getStats(),
  (self) => self.createDataChannel("short-lived").close(),
];

function checkInvariants(connection: RTCPeerConnection, seed: number): void {
  const { signalingState, pendingLocalDescription, pendingRemoteDescription } = connection;
  const pending = pendingLocalDescription !== null || pendingRemoteDescription !== null;
  assert.equal(pending, signalingState !== "stable", `seed ${seed}: ${signalingState}`);
  assert.equal(
    connection.currentLocalDescription === null,
    connection.currentRemoteDescription === null,
    `seed ${seed}`,
  );
  for (const description of [connection.localDescription, connection.remoteDescription]) {
    if (description !== null) parseSdp(description.sdp);
  }
}

/** Whether `other` has `self`'s description in force: the same line of origin. */
function sees(self: RTCPeerConnection, other: RTCPeerConnection): boolean {
  const origin = (description: { sdp: string } | null): string | undefined =>
    description === null ? undefined : /o=.*/.exec(description.sdp)![0];
  return origin(self.currentLocalDescription) === origin(other.currentRemoteDescription);
}

/** Back to stable from wherever the walk ended; `false` where only an answer could lead out. */
async function settle(connection: RTCPeerConnection): Promise<boolean> {
  if (connection.signalingState === "stable") return true;
  if (connection.signalingState.endsWith("pranswer")) return false;
  await connection.setLocalDescription({ type: "rollback" });
  return true;
}

test("Whatever is called in whatever order, only documented errors come, and a fresh exchange connects", async () => {
  let connected = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const { a, b, network, end } = peers({ seed });
    const entropy = seededEntropy(seed);
    const draw = (count: number): number => randomU32(entropy) % count;
    for (let step = 0; step < 25; step++) {
      const [self, other] = draw(2) === 0 ? [a, b] : [b, a];
      try {
        await OPERATIONS[draw(OPERATIONS.length)]!(self, other);
      } catch (error) {
        const { name, message } = error as Error;
        assert.ok(ALLOWED.includes(name), `seed ${seed}, step ${step}: ${name}: ${message}`);
      }
      checkInvariants(a, seed);
      checkInvariants(b, seed);
      if (draw(4) === 0) await network.advance(draw(200));
    }
    await turns();
    // Sides that are at odds about what was negotiated last may stay so for good.
    if (await settle(a) && await settle(b) && sees(a, b) && sees(b, a)) {
      const channel = a.createDataChannel("last");
      await exchange(a, b);
      await turns();
      const opened = await network.runUntil(() => channel.readyState === "open", 60_000);
      assert.ok(opened, `seed ${seed}: no connection after the walk`);
      connected++;
    }
    end();
  }
  assert.ok(connected > 10, `${connected} walks ended in a connection`);
});
