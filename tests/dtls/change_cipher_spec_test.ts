import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { join, record, records } from "./editing.ts";
import { Pair } from "./support.ts";

/** The datagram without its ChangeCipherSpecs. */
function withoutChangeCipherSpec(datagram: Uint8Array): Uint8Array {
  return join(
    records(datagram).filter((r) => r.type !== 20)
      .map((r) => record(r.type, r.epoch, r.sequence, r.fragment, r.version)),
  );
}

for (const side of ["client", "server"] as const) {
  test(`A ${side} takes no Finished without a ChangeCipherSpec before it (RFC 5246 §7.1)`, () => {
    const pair = new Pair();
    pair.tap = (datagram, from) => from === side ? datagram : withoutChangeCipherSpec(datagram);
    pair.start().run(20_000);
    assert.equal(pair[side].state, "connecting");
    // It comes at last, and what waited for it is taken.
    pair[side].handleInput(pair.now, record(20, 0, 900, Uint8Array.of(1)));
    assert.equal(pair[side].state, "connected");
  });

  test(`A ${side} drops ChangeCipherSpecs that come early or are malformed (RFC 5246 §7.1)`, () => {
    const pair = new Pair();
    pair[side].start(0);
    pair[side].handleInput(0, record(20, 0, 1, Uint8Array.of(1)));
    assert.equal(pair[side].stats().dropped.unexpected, 1);
    for (const bad of [[], [0], [2], [1, 1]]) {
      pair[side].handleInput(0, record(20, 0, 1, Uint8Array.from(bad)));
    }
    assert.equal(pair[side].stats().dropped.malformed, 4);
    // An early one does not count later (CVE-2014-0224).
    pair.tap = (datagram, from) => from === side ? datagram : withoutChangeCipherSpec(datagram);
    pair.start().run(20_000);
    assert.equal(pair[side].state, "connecting");
  });
}

test("A plain fatal alert ends a handshake, with its number in the event (RFC 5246 §7.2)", () => {
  const { client } = new Pair();
  client.start(0);
  client.handleInput(0, record(21, 0, 0, Uint8Array.of(1, 90)));
  client.handleInput(0, record(21, 0, 0, Uint8Array.of(2)));
  assert.equal(client.state, "connecting");
  client.handleInput(0, record(21, 0, 0, Uint8Array.of(2, 70)));
  assert.equal(client.state, "failed");
  const events = [client.pollEvent(), client.pollEvent(), client.pollEvent()];
  assert.deepEqual(events.map((event) => event?.type), ["state", "error", "state"]);
  assert.equal(events[1]?.type === "error" && events[1].receivedAlert, 70);
});

test("A spurious handleTimeout changes nothing", () => {
  const { client, server } = new Pair();
  for (const one of [client, server]) {
    one.handleTimeout(0);
    one.handleTimeout(1_000_000);
    assert.equal(one.state, "new");
    one.close(0);
    assert.equal(one.state, "closed");
    assert.equal(one.pollTransmit(), undefined);
    one.start(0);
    one.handleTimeout(2_000_000);
    assert.equal(one.state, "closed");
  }
});
