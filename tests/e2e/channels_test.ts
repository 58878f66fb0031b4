import assert from "node:assert/strict";
import type { RTCDataChannel } from "../../src/api/mod.ts";
import { test } from "../harness.ts";
import { Call } from "./call.ts";
import { binary, describeMessage, listen } from "./payload.ts";

const CHANNELS = 100;
const ROUNDS = 4;

test("100 channels open, talk and close, again and again, from either side, on a bad link (RFC 8831 §6.7)", async () => {
  const call = new Call({
    seed: 11,
    conditions: { delayMs: 30, loss: 0.05, reorder: 0.05, duplicate: 0.05 },
  });
  await call.connect();
  for (let round = 0; round < ROUNDS; round++) {
    const remote = new Map<string, RTCDataChannel>();
    const got = new Map<string, string[]>();
    const closed = new Set<string>();
    const take = ({ channel }: { channel: RTCDataChannel }): void => {
      remote.set(channel.label, channel);
      got.set(channel.label, listen(channel));
      channel.onclose = () => closed.add(`far ${channel.label}`);
    };
    call.a.ondatachannel = take;
    call.b.ondatachannel = take;
    const channels = Array.from({ length: CHANNELS }, (_, i) => {
      const opener = i % 2 === 0 ? call.a : call.b;
      const channel = opener.createDataChannel(`${round} × ${i} ✓`, { ordered: i % 3 !== 0 });
      channel.onopen = () => channel.send(`hello ${i}`);
      channel.onclose = () => closed.add(`near ${channel.label}`);
      return channel;
    });
    await call.until(
      () => [...got.values()].filter((messages) => messages.length === 1).length === CHANNELS,
      "greetings",
    );
    const ids = channels.map(({ id }) => id);
    assert.equal(new Set(ids).size, CHANNELS, call.about("identifiers"));
    // Identifiers are used again: they never grow beyond what is open at once.
    assert.ok(Math.max(...ids as number[]) <= 2 * CHANNELS + 4, call.about(`${ids}`));
    channels.forEach((channel, i) => (i % 4 < 2 ? channel : remote.get(channel.label)!).close());
    await call.until(() => closed.size === 2 * CHANNELS, "close events");
    for (const channel of [...channels, ...remote.values()]) {
      assert.equal(channel.readyState, "closed");
    }
    for (const channel of channels) {
      assert.deepEqual(got.get(channel.label), [
        describeMessage(`hello ${channels.indexOf(channel)}`),
      ]);
    }
  }
  const { dataChannelsOpened, dataChannelsClosed } = await call.stats(call.a, "peer-connection");
  assert.deepEqual([dataChannelsOpened, dataChannelsClosed], [
    1 + ROUNDS * CHANNELS,
    ROUNDS * CHANNELS,
  ]);
  await call.end();
});

for (const who of ["opener", "other side", "both"] as const) {
  test(`What was sent before close() arrives before the close event: closed by the ${who} (webrtc-pc §6.2.4)`, async () => {
    const call = new Call({ seed: 12, conditions: { delayMs: 50, loss: 0.1, reorder: 0.1 } });
    await call.connect();
    const [near, far] = await call.open("closing");
    const [sender, receiver] = who === "other side" ? [far, near] : [near, far];
    const got = listen(receiver);
    const order: string[] = [];
    receiver.onclose = () => order.push(`receiver after ${got.length}`);
    sender.onclose = () => order.push("sender");
    const messages = Array.from({ length: 30 }, (_, i) => binary(i * 500, i));
    for (const message of messages) sender.send(message);
    sender.close();
    if (who === "both") {
      await call.network.advance(20_000);
      receiver.close();
    }
    await call.until(() => order.length === 2, "both close events");
    assert.ok(order.includes("receiver after 30"), call.about(`${order}`));
    assert.deepEqual(got, messages.map(describeMessage));
    assert.throws(() => sender.send("x"), { name: "InvalidStateError" });
    await call.end();
  });
}

test("Channels that both sides negotiate by themselves talk at once, with any id (RFC 8831 §6.5)", async () => {
  const call = new Call({ seed: 13, conditions: { delayMs: 20, loss: 0.1 } }).trickle();
  const ids = [0, 1, 7, 1000, 65_534];
  const make = (pc: typeof call.a): RTCDataChannel[] =>
    ids.map((id) => pc.createDataChannel(`negotiated ${id}`, { negotiated: true, id }));
  const ours = make(call.a), theirs = make(call.b);
  const got = [...ours, ...theirs].map(listen);
  await call.exchange(call.b);
  await call.until(
    () => [...ours, ...theirs].every(({ readyState }) => readyState === "open"),
    "opening",
  );
  for (const channel of [...ours, ...theirs]) channel.send(`from ${channel.id}`);
  await call.until(() => got.every((messages) => messages.length === 1), "messages");
  ours.forEach((channel) => channel.close());
  await call.until(() => theirs.every(({ readyState }) => readyState === "closed"), "closing");
  await call.end();
});
