import assert from "node:assert/strict";
import process from "node:process";
import { type Address, DatagramBatch, equalBytes, internAddress } from "../../src/base/mod.ts";
import { detectHost } from "../../src/host/mod.ts";
import type { UdpSocket } from "../../src/host/mod.ts";
import { openDgramSocket } from "../../src/host/dgram_socket.ts";
import type { OpenUdp } from "../../src/host/system.ts";
import { test } from "../harness.ts";

const host = detectHost();
const isDeno = host.name === "deno";

/** The sockets that the host prefers, and the ones it falls back to. */
const implementations: [string, OpenUdp][] = [
  ["preferred", host.openUdp.bind(host)],
  ["node:dgram", (...args) => openDgramSocket(...args, { largeBuffers: !isDeno, warmUp: isDeno })],
];

function unexpected(error: Error): void {
  throw error;
}

/** A socket that remembers what it received, and tells when there is enough of it. */
class Listener {
  readonly received: Uint8Array[] = [];
  readonly from: Address[] = [];
  readonly batches: number[] = [];
  #wanted = 0;
  #enough: () => void = () => {};

  readonly receive = (batch: DatagramBatch): void => {
    this.batches.push(batch.count);
    for (let i = 0; i < batch.count; i++) {
      this.received.push(new Uint8Array(batch.bytes[i]!));
      this.from.push(batch.addresses[i]!);
    }
    if (this.received.length >= this.#wanted) this.#enough();
  };

  waitFor(count: number): Promise<void> {
    this.#wanted = count;
    if (this.received.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#enough = resolve);
  }
}

function batchOf(to: Address, ...datagrams: Uint8Array[]): DatagramBatch {
  const batch = new DatagramBatch();
  for (const datagram of datagrams) batch.push(datagram, to);
  return batch;
}

async function closeAll(...sockets: UdpSocket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.close()));
}

/** Whether this machine has ::1. */
const hasIpv6 = host.interfaces().some(({ ip }) => ip === "::1");

for (const [name, open] of implementations) {
  for (const ip of hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]) {
    test(`${name}: datagrams cross a real socket whole and in order, ${ip}`, async () => {
      const listener = new Listener();
      const a = await open({ ip }, () => {}, unexpected);
      const b = await open({ ip }, listener.receive, unexpected);
      assert.equal(a.address.ip, ip);
      assert.ok(a.address.port > 0 && a.address !== b.address);
      const sent = Array.from({ length: 20 }, (_, i) => new Uint8Array(60 * i).fill(i));
      const lent = sent.map((bytes) => bytes.slice());
      a.send(batchOf(b.address, ...lent));
      for (const bytes of lent) bytes.fill(0xff); // lent only until send returned
      await listener.waitFor(20);
      assert.deepEqual(
        listener.received.map(({ length }) => length),
        sent.map(({ length }) => length),
      );
      assert.ok(listener.received.every((bytes, i) => equalBytes(bytes, sent[i]!)));
      assert.ok(listener.from.every((from) => from === a.address), "senders are interned");
      assert.equal(a.dropped, 0);
      await closeAll(a, b);
    });
  }

  test(`${name}: what arrives together is handed up together`, async () => {
    const listener = new Listener();
    const a = await open({ ip: "127.0.0.1" }, () => {}, unexpected);
    const b = await open({ ip: "127.0.0.1" }, listener.receive, unexpected);
    a.send(
      batchOf(b.address, ...Array.from({ length: 32 }, (_, i) => new Uint8Array(100).fill(i))),
    );
    await listener.waitFor(32);
    assert.ok(listener.batches.length <= 16, `batches of ${listener.batches}`);
    await closeAll(a, b);
  });

  test(`${name}: the largest datagram passes between addresses of one machine`, async () => {
    const listener = new Listener();
    const a = await open({ ip: "127.0.0.1" }, () => {}, unexpected);
    const b = await open({ ip: "127.0.0.1" }, listener.receive, unexpected);
    const size = host.maxDatagramSize(a.address, b.address)!;
    assert.equal(size, 65_507);
    const bytes = new Uint8Array(size).map((_, i) => i * 7);
    a.send(batchOf(b.address, bytes));
    a.send(batchOf(b.address, bytes.subarray(0, 1000)));
    await listener.waitFor(2);
    const [first, second] = listener.received;
    assert.ok(equalBytes(first!, bytes), `${first!.length} bytes`);
    assert.ok(equalBytes(second!, bytes.subarray(0, 1000)), `${second!.length} bytes`);
    await closeAll(a, b);
  });

  test(`${name}: what cannot be sent is counted and does not stop its neighbours`, async () => {
    const listener = new Listener();
    const a = await open({ ip: "127.0.0.1" }, () => {}, unexpected);
    const b = await open({ ip: "127.0.0.1" }, listener.receive, unexpected);
    const batch = new DatagramBatch();
    batch.push(Uint8Array.of(1), b.address);
    batch.push(new Uint8Array(70_000), b.address); // EMSGSIZE
    batch.push(Uint8Array.of(2), b.address);
    a.send(batch);
    await listener.waitFor(2);
    assert.deepEqual(listener.received, [Uint8Array.of(1), Uint8Array.of(2)]);
    await closeAll(a, b);
    assert.ok(a.dropped >= 1);
  });

  test(`${name}: a closed port's ICMP errors neither throw nor stop the socket`, async () => {
    const listener = new Listener();
    const a = await open({ ip: "127.0.0.1" }, () => {}, unexpected);
    const b = await open({ ip: "127.0.0.1" }, listener.receive, unexpected);
    const gone = await open({ ip: "127.0.0.1" }, () => {}, unexpected);
    await gone.close();
    for (let i = 0; i < 5; i++) {
      a.send(batchOf(gone.address, Uint8Array.of(9)));
      // An earlier error may cost the next datagram, as any loss would.
      const before = listener.received.length;
      for (let copy = 0; copy < 3; copy++) a.send(batchOf(b.address, Uint8Array.of(i)));
      await listener.waitFor(before + 1);
    }
    assert.ok(listener.received.length >= 5);
    await closeAll(a, b);
  });

  test(`${name}: a taken port and a foreign address are refused with code "bind"`, async () => {
    const a = await open({ ip: "127.0.0.1" }, () => {}, unexpected);
    const { port } = a.address;
    await assert.rejects(open({ ip: "127.0.0.1", port }, () => {}, unexpected), { code: "bind" });
    await assert.rejects(open({ ip: "192.0.2.1" }, () => {}, unexpected), { code: "bind" });
    await a.close();
    const again = await open({ ip: "127.0.0.1", port }, () => {}, unexpected);
    assert.equal(again.address.port, port, "a closed socket frees its port");
    await again.close();
  });

  test(`${name}: a closed socket neither sends nor receives, and closes once`, async () => {
    const listener = new Listener();
    const a = await open({ ip: "127.0.0.1" }, () => {}, unexpected);
    const b = await open({ ip: "127.0.0.1" }, listener.receive, unexpected);
    a.send(batchOf(b.address, Uint8Array.of(1)));
    await closeAll(b);
    a.send(batchOf(b.address, Uint8Array.of(2)));
    await closeAll(a, a, b);
    a.send(batchOf(b.address, Uint8Array.of(3)));
    assert.deepEqual(listener.received, []);
  });

  test(`${name}: a destination of the other family is counted`, async () => {
    const a = await open({ ip: "127.0.0.1" }, () => {}, unexpected);
    a.send(batchOf(internAddress("2001:db8::1", 9)!, Uint8Array.of(1)));
    await new Promise((resolve) => setTimeout(resolve, 0));
    await a.close();
    assert.ok(a.dropped <= 1);
  });
}

test("timers fire, can be stopped, and bear absurd delays", async () => {
  let stopped = true;
  const handle = host.setTimer(() => stopped = false, 0);
  host.clearTimer(handle);
  const far = host.setTimer(() => assert.fail("fired at once"), Infinity);
  const before = host.now();
  await new Promise<void>((resolve) => host.setTimer(resolve, 2));
  host.clearTimer(far);
  host.clearTimer(far);
  assert.ok(stopped && host.now() >= before);
  assert.ok(Math.abs(host.wallClock() - Date.now()) < 60_000);
});

test("entropy fills any length, also past the limit of getRandomValues (W3C WebCrypto §10.1.1)", () => {
  const out = new Uint8Array(200_001);
  host.entropy(out);
  for (const at of [0, 65_536, 131_072, 200_001 - 64]) {
    assert.ok(out.subarray(at, at + 64).some((byte) => byte !== 0));
  }
});

test("the runtime is recognised", () => {
  const versions = process.versions as Record<string, string | undefined>;
  const expected = versions["deno"] ? "deno" : versions["bun"] ? "bun" : "node";
  assert.equal(host.name, expected);
  assert.equal(detectHost(), host);
});
