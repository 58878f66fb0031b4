import assert from "node:assert/strict";
import { internAddress } from "../../src/base/mod.ts";
import { Call } from "../e2e/call.ts";
import { test } from "../harness.ts";
import { Chance } from "./chance.ts";
import { flood } from "./flood.ts";
import { soakHours, soakSeed } from "./settings.ts";

const MESSAGES_PER_MINUTE = 20;
const RESTART_EVERY_MIN = 10;
const OUTAGE_EVERY_MIN = 17;
const FLOOD_EVERY_MIN = 5;

/** What must not grow. */
async function sizes(call: Call): Promise<Record<string, number>> {
  const [a, b] = await Promise.all([call.a.getStats(), call.b.getStats()]);
  return {
    timers: call.network.timers.count,
    sockets: call.hosts[0].openSockets + call.hosts[1].openSockets,
    statsOfA: a.size,
    statsOfB: b.size,
    descriptions: call.a.localDescription!.sdp.length + call.b.localDescription!.sdp.length,
  };
}

test(`a call of ${soakHours} hours on a bad link loses nothing and does not grow (seed ${soakSeed})`, async () => {
  const chance = new Chance(soakSeed);
  const call = new Call({
    seed: soakSeed,
    conditions: { delayMs: 60, loss: 0.1, reorder: 0.05, duplicate: 0.02, jitterMs: 20 },
  }).negotiatePerfectly();
  const stranger = call.network.createHost("10.0.0.99");
  const [near, far] = await call.open("whole call");
  // Loss can end consent also after a short outage: whoever wants to go on restarts ICE.
  call.a.addEventListener("connectionstatechange", () => {
    if (call.a.connectionState === "failed") call.a.restartIce();
  });
  let sent = 0;
  const received = [0, 0];
  [near, far].forEach((channel, i) => {
    channel.onmessage = ({ data }) => {
      assert.equal(parseInt(data as string), received[i], call.about("order"));
      received[i]!++;
    };
  });
  let first: Record<string, number> | undefined;
  const minutes = Math.ceil(soakHours * 60);
  for (let minute = 1; minute <= minutes; minute++) {
    const end = call.network.now() + 60_000;
    for (let i = 0; i < MESSAGES_PER_MINUTE; i++) {
      near.send(`${sent}`);
      far.send(`${sent++}`.padEnd(chance.below(3000)));
    }
    if (minute % OUTAGE_EVERY_MIN === 0) {
      call.network.partition(...call.hosts);
      // Short ones are survived as they are, after long ones ICE has failed and is restarted.
      await call.network.advance(chance.of([3000, 12_000, 25_000, 90_000]));
      call.network.heal(...call.hosts);
      await call.network.advance(2000);
      if (call.a.connectionState !== "connected") call.a.restartIce();
    }
    if (minute % RESTART_EVERY_MIN === 0) chance.of([call.a, call.b]).restartIce();
    const opened = await Promise.all([
      call.open(`brief ${minute}`, chance.of([{}, { ordered: false, maxRetransmits: 0 }])),
    ]);
    for (const [one, other] of opened) {
      one.send("brief");
      chance.of([one, other]).close();
      await call.until(
        () => one.readyState === "closed" && other.readyState === "closed",
        "closing",
      );
    }
    if (minute % FLOOD_EVERY_MIN === 0) {
      for (const pc of [call.a, call.b]) {
        const { local } = pc.sctp!.transport.iceTransport.getSelectedCandidatePair()!;
        const to = internAddress(local!.address!, local!.port!)!;
        assert.equal(await flood(stranger, to, 300, chance), 0, "a stranger gets no answer");
      }
    }
    await call.network.advance(Math.max(0, end - call.network.now()));
    if (minute % 30 !== 0) continue;
    await call.until(() => received.every((count) => count === sent), "delivery");
    await call.network.advance(60_000);
    const now = await sizes(call);
    first ??= now;
    for (const [what, size] of Object.entries(now)) {
      const slack = what === "timers" ? 2 : what === "descriptions" ? 100 : 6;
      assert.ok(size <= first[what]! + slack, call.about(`${what}: ${first[what]} → ${size}`));
    }
  }
  await call.until(() => received.every((count) => count === sent), "delivery");
  await call.end();
});
