import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import type { RTCDataChannel, RTCPeerConnection } from "../../src/api/mod.ts";
import { seededEntropy } from "../../src/base/mod.ts";
import { detectHost } from "../../src/host/mod.ts";
import { test } from "../harness.ts";
import { connectedPair, next } from "./link.ts";

const PEERS = 50;

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = await detectHost().openUdp({ ip: "127.0.0.1" }, () => {}, () => {});
  const { port } = socket.address;
  await socket.close();
  return port;
}

async function echoOf(near: RTCDataChannel, message: string): Promise<unknown> {
  const echo = next<Event & { data: unknown }>(near, "message");
  near.send(message);
  return (await echo).data;
}

function sharing(port: number): { udp: { addresses: string[]; port: number } } {
  return { udp: { addresses: ["127.0.0.1"], port } };
}

/** The port in the candidate of the pair that carries the data. */
function portOf(pc: RTCPeerConnection): number | null | undefined {
  return pc.sctp!.transport.iceTransport.getSelectedCandidatePair()?.local?.port;
}

test(`${PEERS} connections share one UDP port; when one closes the others live on (RFC 8445 §7.3, RFC 7983)`, async () => {
  const port = await freePort();
  const pairs = await Promise.all(
    Array.from({ length: PEERS }, () => connectedPair(sharing(port))),
  );
  pairs.forEach(({ far }, i) => far.onmessage = ({ data }) => far.send(`${i}: ${data}`));
  const all = await Promise.all(pairs.map(({ near }, i) => echoOf(near, `hello ${i}`)));
  assert.deepEqual(all, pairs.map((_, i) => `${i}: hello ${i}`));
  assert.ok(pairs.every(({ b }) => portOf(b) === port));
  for (const [i, { a, b }] of pairs.entries()) {
    if (i % 5 === 0) b.close();
    else if (i % 5 === 1) a.close();
  }
  const rest = pairs.filter((_, i) => i % 5 > 1);
  const after = await Promise.all(rest.map(({ near }) => echoOf(near, "still there?")));
  assert.ok(after.every((text) => String(text).endsWith("still there?")));
  // A newcomer joins the port that others have been using.
  const late = await connectedPair(sharing(port));
  late.far.onmessage = ({ data }) => late.far.send(data);
  assert.equal(await echoOf(late.near, "late"), "late");
  assert.equal(portOf(late.b), port);
  for (const { a, b } of [...pairs, late]) {
    a.close();
    b.close();
  }
});

/** What strangers may send: noise, and beginnings of every protocol on the port (RFC 7983 §7). */
function hostilePackets(count: number): Uint8Array[] {
  const entropy = seededEntropy(7);
  return Array.from({ length: count }, (_, i) => {
    const packet = new Uint8Array([0, 1, 19, 20, 100, 1200, 1400, 9000][i % 8]!);
    entropy(packet);
    if (packet.length < 20) return packet;
    switch (i % 5) {
      case 0: // STUN Binding request with the right cookie and length (RFC 8489 §5)
        packet.set([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
        packet[2] = (packet.length - 20) >>> 8;
        packet[3] = packet.length - 20;
        break;
      case 1: // DTLS handshake record (RFC 6347 §4.1)
        packet.set([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, i, 0, 100, 1]);
        break;
      case 2: // DTLS application data of the current epoch
        packet.set([23, 254, 253, 0, 1, 0, 0, 0, 0, 0, i]);
        break;
      case 3: // DTLS alert: close_notify, not authenticated
        packet.set([21, 254, 253, 0, 0, 0, 0, 0, 0, 0, i, 0, 2, 1, 0]);
        break;
    }
    return packet;
  });
}

test("Hostile packets at the port change nothing: connections live, new ones succeed (RFC 8827 §6.5)", async () => {
  const port = await freePort();
  const { a, b, near, far } = await connectedPair(sharing(port));
  far.onmessage = ({ data }) => far.send(data);
  const stranger = createSocket("udp4");
  let answers = 0;
  stranger.on("message", () => answers++);
  const own = portOf(a)!;
  for (const packet of hostilePackets(400)) {
    for (const to of [port, own]) {
      await new Promise<void>((resolve) => stranger.send(packet, to, "127.0.0.1", () => resolve()));
    }
  }
  assert.equal(await echoOf(near, "unharmed"), "unharmed");
  const late = await connectedPair(sharing(port));
  late.far.onmessage = ({ data }) => late.far.send(data);
  assert.equal(await echoOf(late.near, "late"), "late");
  assert.equal(answers, 0, "a stranger gets no answer");
  await new Promise<void>((resolve) => stranger.close(() => resolve()));
  for (const pc of [a, b, late.a, late.b]) pc.close();
});
