import assert from "node:assert/strict";
import { type Address, DatagramBatch, internAddress } from "../../src/base/mod.ts";
import { nativeCrypto } from "../../src/host/mod.ts";
import { type MemoryHost, type UdpSocket, VirtualNetwork } from "../../src/host/testing.ts";
import { test } from "../harness.ts";

function unexpected(error: Error): void {
  throw error;
}

function sendBytes(socket: UdpSocket, to: Address, ...values: number[]): void {
  const batch = new DatagramBatch();
  for (const value of values) batch.push(Uint8Array.of(value), to);
  socket.send(batch);
}

interface Arrival {
  readonly at: number;
  readonly value: number;
  readonly from: Address;
}

/** A socket and what it received. */
async function listen(
  host: MemoryHost,
  ip: string,
  port = 0,
): Promise<{ socket: UdpSocket; arrivals: Arrival[]; batches: number[] }> {
  const arrivals: Arrival[] = [];
  const batches: number[] = [];
  const socket = await host.openUdp({ ip, port }, (batch) => {
    batches.push(batch.count);
    for (let i = 0; i < batch.count; i++) {
      arrivals.push({ at: host.now(), value: batch.bytes[i]![0]!, from: batch.addresses[i]! });
    }
  }, unexpected);
  return { socket, arrivals, batches };
}

test("a datagram arrives after the delay of its link, in one batch with its neighbours", async () => {
  const network = new VirtualNetwork({ seed: 1, conditions: { delayMs: 30 } });
  const a = await listen(network.createHost("10.0.0.1"), "10.0.0.1");
  const b = await listen(network.createHost("10.0.0.2"), "10.0.0.2");
  sendBytes(a.socket, b.socket.address, 1, 2, 3);
  await network.advance(29);
  assert.deepEqual(b.arrivals, []);
  await network.advance(1);
  assert.deepEqual(b.arrivals.map(({ value, at }) => [value, at]), [[1, 30], [2, 30], [3, 30]]);
  assert.deepEqual(b.batches, [3]);
  assert.ok(b.arrivals.every(({ from }) => from === a.socket.address));
  assert.equal(network.now(), 30);
});

test("timers and arrivals come in the order of their times, promises between them", async () => {
  const network = new VirtualNetwork({ seed: 2, conditions: { delayMs: 10 } });
  const host = network.createHost("10.0.0.1");
  const a = await listen(host, "10.0.0.1");
  const b = await listen(network.createHost("10.0.0.2"), "10.0.0.2");
  const log: string[] = [];
  const later = async (name: string): Promise<void> => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
    log.push(`${name} promise at ${network.now()}`);
  };
  host.setTimer(() => void later("second").then(() => log.push("chained")), 20);
  host.setTimer(() => log.push(`third at ${host.now()}`), 20);
  const stopped = host.setTimer(() => log.push("stopped"), 15);
  host.setTimer(() => host.clearTimer(stopped), 5);
  host.setTimer(() => log.push(`arrived ${b.arrivals.length}`), 10.5);
  sendBytes(a.socket, b.socket.address, 7);
  await network.advance(1000);
  assert.deepEqual(log, ["arrived 1", "second promise at 20", "chained", "third at 20"]);
  assert.equal(network.timers.count, 0);
});

test("runUntil stops at the event that makes its predicate hold", async () => {
  const network = new VirtualNetwork({ seed: 3 });
  const host = network.createHost("10.0.0.1");
  let fired = 0;
  for (const ms of [5, 10, 15]) host.setTimer(() => fired++, ms);
  assert.equal(await network.runUntil(() => fired === 2, 1000), true);
  assert.deepEqual([network.now(), fired], [10, 2]);
  assert.equal(await network.runUntil(() => false, 100), false);
  assert.deepEqual([network.now(), fired], [110, 3]);
});

test("an hour of timers passes in a moment, and wall clocks keep up", async () => {
  const network = new VirtualNetwork({ seed: 4, wallClockMs: 1_000_000 });
  const host = network.createHost("10.0.0.1");
  let ticks = 0;
  const tick = (): void => {
    ticks++;
    host.setTimer(tick, 1000);
  };
  tick();
  await network.advance(3_600_000);
  assert.equal(ticks, 3601);
  assert.equal(host.wallClock(), 4_600_000);
});

test("the same seed loses the same packets, another seed others", async () => {
  const run = async (seed: number): Promise<number[]> => {
    const network = new VirtualNetwork({
      seed,
      conditions: { loss: 0.3, reorder: 0.2, delayMs: 5 },
    });
    const a = await listen(network.createHost("10.0.0.1"), "10.0.0.1");
    const b = await listen(network.createHost("10.0.0.2"), "10.0.0.2");
    for (let i = 0; i < 200; i++) {
      sendBytes(a.socket, b.socket.address, i);
      await network.advance(1);
    }
    await network.advance(100);
    return b.arrivals.map(({ value }) => value);
  };
  const first = await run(42);
  assert.deepEqual(await run(42), first);
  assert.notDeepEqual(await run(43), first);
  assert.ok(first.length > 110 && first.length < 170, `${first.length} of 200 arrived`);
});

test("hosts have several addresses, IPv6 too, and sockets are found by address and port", async () => {
  const network = new VirtualNetwork({ seed: 5 });
  const host = network.createHost(["10.0.0.1", "2001:DB8::1", "127.0.0.1"]);
  assert.deepEqual(host.interfaces().map(({ ip, family, loopback }) => [ip, family, loopback]), [
    ["10.0.0.1", 4, false],
    ["2001:db8::1", 6, false],
    ["127.0.0.1", 4, true],
  ]);
  const other = network.createHost(["10.0.0.2", "2001:db8::2", "127.0.0.1"]);
  const v4 = await listen(host, "10.0.0.1", 5000);
  const v6 = await listen(host, "2001:db8::1", 5000);
  const lo = await listen(host, "127.0.0.1", 5000);
  const from4 = await listen(other, "10.0.0.2");
  const from6 = await listen(other, "2001:db8::2");
  sendBytes(from4.socket, internAddress("10.0.0.1", 5000)!, 4);
  sendBytes(from6.socket, internAddress("2001:db8::1", 5000)!, 6);
  sendBytes(v4.socket, internAddress("127.0.0.1", 5000)!, 1);
  sendBytes(from4.socket, internAddress("10.0.0.1", 5001)!, 9);
  sendBytes(from4.socket, internAddress("10.0.0.9", 5000)!, 9);
  sendBytes(from4.socket, internAddress("127.0.0.1", 5000)!, 9); // its own loopback, not ours
  await network.advance(1);
  assert.deepEqual([v4, v6, lo].map(({ arrivals }) => arrivals.map(({ value }) => value)), [
    [4],
    [6],
    [1],
  ]);
  assert.equal(network.undeliverable, 3);
});

test("conditions and partitions hold for one pair of hosts, from then on", async () => {
  const network = new VirtualNetwork({ seed: 6, conditions: { delayMs: 1 } });
  const hosts = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((ip) => network.createHost(ip));
  const [a, b, c] = await Promise.all(hosts.map((host) => listen(host, host.interfaces()[0]!.ip)));
  network.partition(hosts[0]!, hosts[1]!);
  network.setConditions(hosts[0]!, hosts[2]!, { delayMs: 50 });
  sendBytes(a!.socket, b!.socket.address, 1);
  sendBytes(a!.socket, c!.socket.address, 2);
  sendBytes(b!.socket, c!.socket.address, 3);
  await network.advance(10);
  assert.deepEqual(c!.arrivals.map(({ value }) => value), [3]);
  network.heal(hosts[0]!, hosts[1]!);
  sendBytes(a!.socket, b!.socket.address, 4);
  await network.advance(40);
  assert.deepEqual(c!.arrivals.map(({ value }) => value), [3, 2]);
  assert.deepEqual(b!.arrivals.map(({ value }) => value), [4]);
  network.setAllConditions({ loss: 1 });
  sendBytes(a!.socket, b!.socket.address, 5);
  network.setConditionsOneWay(hosts[1]!, hosts[0]!, {});
  sendBytes(b!.socket, a!.socket.address, 6);
  await network.advance(10);
  assert.deepEqual([b!.arrivals.length, a!.arrivals.map(({ value }) => value)], [1, [6]]);
});

test("ports are unique per address and free again after close; closed sockets are silent", async () => {
  const network = new VirtualNetwork({ seed: 7 });
  const host = network.createHost("10.0.0.1");
  const a = await listen(host, "10.0.0.1", 4000);
  await assert.rejects(listen(host, "10.0.0.1", 4000), { code: "bind" });
  await assert.rejects(listen(host, "10.0.0.2"), { code: "bind" });
  const b = await listen(host, "10.0.0.1");
  sendBytes(b.socket, a.socket.address, 1);
  await a.socket.close();
  await network.advance(1);
  assert.deepEqual(a.arrivals, []);
  const again = await listen(host, "10.0.0.1", 4000);
  sendBytes(a.socket, b.socket.address, 2);
  await network.advance(1);
  assert.deepEqual(b.arrivals, []);
  await again.socket.close();
  await b.socket.close();
  assert.equal(host.openSockets, 0);
});

test("an address that goes away takes its sockets along", async () => {
  const network = new VirtualNetwork({ seed: 8 });
  const host = network.createHost(["10.0.0.1", "10.0.1.1"]);
  const gone = await listen(host, "10.0.0.1");
  const stays = await listen(host, "10.0.1.1");
  host.removeAddress("10.0.0.1");
  sendBytes(stays.socket, gone.socket.address, 1);
  await network.advance(1);
  assert.deepEqual(gone.arrivals, []);
  assert.deepEqual(host.interfaces().map(({ ip }) => ip), ["10.0.1.1"]);
  assert.equal(host.openSockets, 1);
});

test("an endless exchange at one instant is reported", async () => {
  const network = new VirtualNetwork({ seed: 9 });
  const host = network.createHost("10.0.0.1");
  let left = 300_000;
  const again = (): void => {
    if (left-- > 0) host.setTimer(again, 0);
  };
  again();
  await assert.rejects(network.advance(1), { code: "limit" });
});

test("names in .local resolve to what the network was told", async () => {
  const network = new VirtualNetwork({ seed: 10 });
  const host = network.createHost("10.0.0.1");
  network.setMdnsName("1f4c.local", "10.0.0.2");
  assert.equal(await host.resolveMdns("1F4C.local"), "10.0.0.2");
  assert.equal(await host.resolveMdns("other.local"), undefined);
  network.setMdnsName("1f4c.local", undefined);
  assert.equal(await host.resolveMdns("1f4c.local"), undefined);
});

test("only a path within one host carries datagrams of any size", () => {
  const network = new VirtualNetwork({ seed: 11 });
  const host = network.createHost(["10.0.0.1", "2001:db8::1", "127.0.0.1"]);
  const at = (ip: string): Address => internAddress(ip, 1)!;
  assert.equal(host.maxDatagramSize(at("10.0.0.1"), at("10.0.0.1")), 65_507);
  assert.equal(host.maxDatagramSize(at("2001:db8::1"), at("2001:db8::1")), 65_487);
  assert.equal(host.maxDatagramSize(at("127.0.0.1"), at("127.0.0.1")), 65_507);
  assert.equal(host.maxDatagramSize(at("10.0.0.1"), at("10.0.0.2")), undefined);
});

test("hosts bring entropy of their own and the cryptography they were given", () => {
  const network = new VirtualNetwork({ seed: 12 });
  const a = network.createHost("10.0.0.1"), b = network.createHost("10.0.0.2");
  const [first, second] = [a, b].map((host) => {
    const bytes = new Uint8Array(16);
    host.entropy(bytes);
    return bytes;
  });
  assert.notDeepEqual(first, second);
  assert.equal(a.crypto.name, "ts");
  const crypto = nativeCrypto();
  if (crypto) assert.equal(network.createHost("10.0.0.3", { crypto }).crypto, crypto);
  assert.throws(() => network.createHost("10.0.0.1"), RangeError);
  assert.throws(() => network.createHost("fe80::1"), RangeError);
});
