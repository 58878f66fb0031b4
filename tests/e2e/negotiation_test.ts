import assert from "node:assert/strict";
import { test } from "../harness.ts";
import { Call } from "./call.ts";
import { isIncreasing, listenToNumbers } from "./payload.ts";

const BAD_LINK = { delayMs: 40, loss: 0.05, reorder: 0.05 };

test("ICE restarts during traffic lose nothing, whoever restarts (RFC 8445 §9, RFC 9429 §5.7)", async () => {
  const call = new Call({ seed: 21, conditions: BAD_LINK }).negotiatePerfectly();
  const [near, far] = await call.open("traffic");
  const there = listenToNumbers(far), back = listenToNumbers(near);
  const fragments = new Set<string>();
  let sent = 0;
  for (let restart = 0; restart < 6; restart++) {
    fragments.add(/ice-ufrag:(\S+)/.exec(call.a.localDescription!.sdp)![1]!);
    (restart % 2 === 0 ? call.a : call.b).restartIce();
    for (let i = 0; i < 100; i++) {
      near.send(`${sent}`);
      far.send(`${sent++}`.padEnd(1000));
      await call.network.advance(20);
    }
  }
  await call.until(() => there.length >= sent && back.length >= sent, "delivery");
  for (const list of [there, back]) {
    assert.equal(list.length, sent);
    assert.ok(isIncreasing(list), call.about("order"));
  }
  assert.equal(fragments.size, 6, call.about("every restart has its own credentials"));
  assert.equal(call.a.connectionState, "connected");
  await call.end();
});

test("After the address is gone an ICE restart finds the other one, and nothing is lost (RFC 8445 §9)", async () => {
  const call = new Call({
    seed: 22,
    conditions: BAD_LINK,
    addresses: ["10.0.0.2", "10.0.0.3"],
  }).negotiatePerfectly();
  const [near, far] = await call.open("roaming");
  const got = listenToNumbers(far);
  const pair = call.b.sctp!.transport.iceTransport.getSelectedCandidatePair()!;
  call.hosts[1].removeAddress(pair.local!.address!);
  for (let i = 0; i < 50; i++) near.send(`${i}`.padEnd(2000));
  const away = (): boolean =>
    call.a.connectionState === "disconnected" || call.a.connectionState === "failed";
  await call.until(away, "disconnection", 60_000);
  call.a.restartIce();
  await call.until(() => got.length >= 50, "delivery", 60_000);
  assert.ok(got.length === 50 && isIncreasing(got), call.about(`${got}`));
  const after = call.b.sctp!.transport.iceTransport.getSelectedCandidatePair()!;
  assert.notEqual(after.local!.address, pair.local!.address);
  await call.end();
});

test("A partition shows as disconnected, then failed; a restart brings everything back (RFC 7675 §5.1, webrtc-pc §5.6)", async () => {
  const call = new Call({ seed: 23, conditions: { delayMs: 40 } }).negotiatePerfectly();
  const [near, far] = await call.open("patient");
  const got = listenToNumbers(far);
  const states: string[] = [];
  call.a.onconnectionstatechange = () => states.push(call.a.connectionState);
  call.network.partition(...call.hosts);
  for (let i = 0; i < 20; i++) near.send(`${i}`);
  await call.until(() => call.a.connectionState === "failed", "failure", 120_000);
  // In between, checks may be made anew: consent was lost on all pairs that worked.
  const settled = states.filter((state) => state !== "connecting");
  assert.deepEqual(settled, ["disconnected", "failed"], call.about("states"));
  assert.equal(near.readyState, "open", "channels outlive the path");
  call.network.heal(...call.hosts);
  call.a.restartIce();
  await call.until(() => got.length === 20, "delivery", 60_000);
  assert.ok(isIncreasing(got));
  assert.equal(call.a.connectionState, "connected");
  await call.end();
});

for (const signalingMs of [0, 5, 20, 60]) {
  test(`Perfect negotiation settles glare over and over, signaling takes ${signalingMs} ms (webrtc-pc §10.7)`, async () => {
    const call = new Call({ seed: 24 + signalingMs, conditions: BAD_LINK, signalingMs });
    call.negotiatePerfectly();
    const a = call.a.createDataChannel("from a"), b = call.b.createDataChannel("from b");
    await call.until(() => a.readyState === "open" && b.readyState === "open", "opening");
    const got = listenToNumbers((await call.open("counter"))[1]);
    for (let i = 0; i < 8; i++) {
      call.a.restartIce();
      if (i % 3 !== 2) await call.network.advance(i * 7);
      call.b.restartIce();
      await call.until(
        () => call.a.signalingState === "stable" && call.b.signalingState === "stable",
        "stability",
      );
      await call.network.advance(500);
    }
    await call.until(
      () => call.a.connectionState === "connected" && call.b.connectionState === "connected",
      "connection",
    );
    assert.equal(a.readyState, "open");
    assert.equal(got.length, 0);
    await call.end();
  });
}

for (const who of ["a", "b"] as const) {
  test(`Whoever offers, both ends agree on identifiers, roles and states: ${who} (RFC 8842 §5, RFC 8832 §6)`, async () => {
    const call = new Call({ seed: 30, conditions: { delayMs: 10 } });
    const offerer = call[who], answerer = call.other(offerer);
    const [near, far] = await call.connect(offerer);
    const [back, forth] = await call.open("back", {}, answerer);
    assert.equal(near.id, far.id);
    assert.equal(back.id, forth.id);
    assert.notEqual(near.id! % 2, back.id! % 2);
    assert.equal(offerer.sctp!.transport.iceTransport.role, "controlling");
    assert.equal(answerer.sctp!.transport.iceTransport.role, "controlled");
    const roles = await Promise.all(
      [offerer, answerer].map(async (pc) => (await call.stats(pc, "transport"))["dtlsRole"]),
    );
    assert.deepEqual(
      roles,
      ["server", "client"],
      call.about("RFC 8842 §5.2: the answerer is active"),
    );
    await call.end();
  });
}

test("close() of one peer reaches the other at once, and is noticed when it cannot (webrtc-pc §4.4.3)", async () => {
  for (const cut of [false, true]) {
    const call = new Call({ seed: 31, conditions: { delayMs: 20 } });
    const [, far] = await call.connect();
    if (cut) call.network.partition(...call.hosts);
    call.a.close();
    const gone = (): boolean =>
      cut ? call.b.connectionState === "failed" : far.readyState === "closed";
    await call.until(gone, "the end", cut ? 120_000 : 1000);
    await call.end();
  }
});
