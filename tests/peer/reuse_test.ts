/** Identifiers that are used again and again, on links that lose what they can. */
import assert from "node:assert/strict";
import { type DataChannel, type DataChannelInit, DataChannels } from "../../src/peer/mod.ts";
import { test } from "../harness.ts";
import { Pair as SctpPair, type PairOptions, type Side } from "../sctp/pair.ts";

const RELIABLE: DataChannelInit = {
  label: "chat",
  protocol: "",
  ordered: true,
  negotiated: false,
  priority: 256,
};

/** The channels of one side of an SCTP pair, and what they told. */
class End {
  readonly channels: DataChannels;
  readonly remote: DataChannel[] = [];
  readonly heard: string[] = [];
  readonly #side: Side;
  #taken = 0;

  constructor(pair: SctpPair, side: Side, role: "client" | "server") {
    this.#side = side;
    this.channels = new DataChannels((channel) => {
      this.remote.push(channel);
      channel.listener = {
        onOpen() {},
        onClosing() {},
        onClosed() {},
        onBufferedAmountLow() {},
        onMessage: (data) => this.heard.push(new TextDecoder().decode(data)),
      };
    }, () => pair.now);
    this.channels.attach(side.sctp, role);
  }

  pump(now: number): boolean {
    const { events } = this.#side;
    const before = this.#taken;
    while (this.#taken < events.length) this.channels.handleEvent(now, events[this.#taken++]!);
    return this.#taken > before;
  }
}

class Line {
  readonly pair: SctpPair;
  readonly a: End;
  readonly b: End;

  constructor(options: PairOptions) {
    this.pair = new SctpPair(options);
    this.a = new End(this.pair, this.pair.a, "client");
    this.b = new End(this.pair, this.pair.b, "server");
    this.pair.connect();
    this.pump();
  }

  pump(): void {
    let more = true;
    while (more) {
      more = this.a.pump(this.pair.now);
      more = this.b.pump(this.pair.now) || more;
      this.pair.drain();
    }
  }

  run(limitMs: number, done: () => boolean): boolean {
    const end = this.pair.now + limitMs;
    for (this.pump(); !done() && this.pair.now < end; this.pump()) this.pair.run(5);
    return done();
  }
}

test("an identifier is used anew though the answer to the last reset was lost (RFC 8831 §6.7)", () => {
  for (const closer of ["a", "b"] as const) {
    const line = new Line({});
    const { a, b, pair } = line;
    const first = a.channels.create(RELIABLE)!;
    assert.ok(line.run(1000, () => b.remote.length === 1));
    // The answers of a are lost; what it sends after is not.
    pair.a.filter = (packet) => packet[12] !== 130 || packet[17] !== 16;
    (closer === "a" ? first : b.remote[0]!).close();
    assert.ok(line.run(2000, () => first.state === "closed"));
    assert.equal(b.remote[0]!.state, "closing");
    const second = a.channels.create(RELIABLE)!;
    assert.equal(second.id, first.id);
    second.send(new TextEncoder().encode("anew"), true);
    assert.ok(line.run(300, () => b.heard.length === 1));
    assert.equal(b.remote[0]!.state, "closed");
    assert.equal(b.remote[1]!.send(new TextEncoder().encode("back"), true), "ok");
    pair.a.filter = undefined;
    line.run(5000, () => false);
    assert.deepEqual([second.state, b.remote[1]!.state], ["open", "open"]);
    second.close();
    assert.ok(line.run(2000, () => second.state === "closed" && b.remote[1]!.state === "closed"));
  }
});

test("channels opened and closed in a row all arrive with their messages, whatever is lost (RFC 8831 §6.7)", () => {
  for (let seed = 1; seed <= 6; seed++) {
    const link = { loss: 0.15, reorder: 0.1, duplicate: 0.1, delayMs: 20 };
    const line = new Line({ seed, link, both: { interleaving: seed % 2 === 0 } });
    const { a, b } = line;
    for (let round = 0; round < 40; round++) {
      const channels = [a.channels.create(RELIABLE)!, a.channels.create(RELIABLE)!];
      for (const { id } of channels) assert.ok(id! < 12, `seed ${seed}: identifiers come back`);
      const closing = [...channels];
      for (const channel of closing) {
        assert.equal(channel.send(new TextEncoder().encode("m"), true), "ok");
        channel.close();
      }
      if (round % 3 !== 0) continue;
      const closed = () => channels.every(({ state }) => state === "closed");
      assert.ok(line.run(60_000, closed), `seed ${seed} round ${round}`);
    }
    const all = () => b.remote.length === 80 && b.remote.every(({ state }) => state === "closed");
    assert.ok(line.run(120_000, all), `seed ${seed}: ${b.remote.length}`);
    assert.equal(b.heard.length, 80, `seed ${seed}`);
    assert.equal(b.channels.dropped + a.channels.dropped, 0, `seed ${seed}`);
  }
});
