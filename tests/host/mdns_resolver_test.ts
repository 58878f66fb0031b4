import assert from "node:assert/strict";
import { concatBytes, hexDecode, readU16 } from "../../src/base/mod.ts";
import { type MdnsReceive, MdnsResolver } from "../../src/host/mdns_resolver.ts";
import { VirtualNetwork } from "../../src/host/testing.ts";
import { test } from "../harness.ts";

/** A resolver on virtual time, whose one socket the test holds in its hands. */
class Bench {
  readonly network = new VirtualNetwork({ seed: 1 });
  readonly queries: { at: number; type: number }[] = [];
  readonly resolver: MdnsResolver;
  receive: MdnsReceive = () => {};
  opened = 0;
  closed = 0;

  constructor(sockets = 1) {
    const host = this.network.createHost("10.0.0.1");
    this.resolver = new MdnsResolver({
      openSockets: (receive) => {
        this.receive = receive;
        this.opened++;
        const socket = {
          send: (bytes: Uint8Array) => this.#sent(bytes),
          close: () => this.closed++,
        };
        return Promise.resolve(sockets === 0 ? [] : [socket]);
      },
      setTimer: (callback, delayMs) => host.setTimer(callback, delayMs),
      clearTimer: (handle) => host.clearTimer(handle),
    });
  }

  #sent(bytes: Uint8Array): void {
    this.queries.push({ at: this.network.now(), type: readU16(bytes, bytes.length - 4) });
  }

  /** `a.local` is 10.0.0.2. */
  answer(port = 5353, ip = "0a000002"): void {
    const bytes = concatBytes(
      hexDecode("000084000000000100000000")!,
      hexDecode("0161056c6f63616c00")!,
      hexDecode(`0001800100000078 0004 ${ip}`)!,
    );
    this.receive(bytes, port);
  }
}

test("a name is asked for at once, after 1 s and after 3 s, for both families (RFC 6762 §5.2)", async () => {
  const bench = new Bench();
  const answer = bench.resolver.resolve("a.local");
  await bench.network.advance(10_000);
  assert.equal(await answer, undefined);
  assert.deepEqual(bench.queries, [
    { at: 0, type: 1 },
    { at: 0, type: 28 },
    { at: 1000, type: 1 },
    { at: 1000, type: 28 },
    { at: 3000, type: 1 },
    { at: 3000, type: 28 },
  ]);
  assert.deepEqual([bench.opened, bench.closed, bench.network.timers.count], [1, 1, 0]);
});

test("the first answer ends a query, its timers and the sockets", async () => {
  const bench = new Bench();
  const answers = ["a.local", "A.local", "a.local."].map((name) => bench.resolver.resolve(name));
  await bench.network.advance(1500);
  bench.answer();
  bench.answer(5353, "0a000003");
  assert.deepEqual(await Promise.all(answers), ["10.0.0.2", "10.0.0.2", "10.0.0.2"]);
  await bench.network.advance(10_000);
  assert.equal(bench.queries.length, 4, "three calls share one query");
  assert.deepEqual([bench.opened, bench.closed, bench.network.timers.count], [1, 1, 0]);
});

test("sockets stay open until the last query is answered, and open again for the next", async () => {
  const bench = new Bench();
  const first = bench.resolver.resolve("a.local"), other = bench.resolver.resolve("b.local");
  await bench.network.advance(10);
  bench.answer();
  assert.equal(await first, "10.0.0.2");
  await bench.network.advance(10);
  assert.equal(bench.closed, 0);
  await bench.network.advance(5000);
  assert.deepEqual([await other, bench.closed], [undefined, 1]);
  const again = bench.resolver.resolve("a.local");
  await bench.network.advance(10);
  bench.answer();
  assert.deepEqual([await again, bench.opened], ["10.0.0.2", 2]);
});

test("answers from another port than 5353 and for other names are ignored (RFC 6762 §6)", async () => {
  const bench = new Bench();
  const answer = bench.resolver.resolve("b.local"), spoofed = bench.resolver.resolve("a.local");
  await bench.network.advance(10);
  bench.answer(40_000);
  await bench.network.advance(5000);
  assert.deepEqual([await answer, await spoofed], [undefined, undefined]);
});

test("names that are not mDNS names, and more than 64 at a time, are not asked for", async () => {
  const bench = new Bench();
  for (const name of ["example.com", "local", "", "x".repeat(300) + ".local"]) {
    assert.equal(await bench.resolver.resolve(name), undefined);
  }
  assert.equal(bench.opened, 0);
  const many = Array.from({ length: 80 }, (_, i) => bench.resolver.resolve(`n${i}.local`));
  await bench.network.advance(0);
  assert.equal(bench.queries.length, 128);
  await bench.network.advance(5000);
  assert.ok((await Promise.all(many)).every((ip) => ip === undefined));
});

test("a machine without multicast answers at once", async () => {
  const bench = new Bench(0);
  assert.equal(await bench.resolver.resolve("a.local"), undefined);
  assert.deepEqual([bench.network.now(), bench.network.timers.count], [0, 0]);
});

test("a query ends with the last one who waits for it, and its sockets and timers with it", async () => {
  const bench = new Bench();
  const first = new AbortController(), second = new AbortController();
  const answers = Promise.all([
    bench.resolver.resolve("a.local", first.signal),
    bench.resolver.resolve("A.local.", second.signal),
  ]);
  await bench.network.advance(10);
  first.abort();
  await bench.network.advance(10);
  assert.equal(bench.closed, 0);
  second.abort();
  assert.deepEqual(await answers, [undefined, undefined]);
  assert.equal(bench.network.timers.next(), Infinity);
  await bench.network.advance(10);
  assert.equal(bench.closed, 1);
  assert.equal(await bench.resolver.resolve("a.local", first.signal), undefined);
  const again = bench.resolver.resolve("a.local", new AbortController().signal);
  await bench.network.advance(10);
  bench.answer();
  assert.equal(await again, "10.0.0.2");
  assert.equal(bench.closed, 2);
});
