import assert from "node:assert/strict";
import { type End, Link } from "../link.ts";
import { bulk, exchange } from "./exchange.ts";
import { ANSWERER_OFFERS, ANSWERER_RESTARTS, REJECTED_MEDIA, RESTART } from "./names.ts";
import type { LinkScenario, Pairing, PairScenario } from "./scenario.ts";

const UP = ["connected"];

/** What two stacks do again on a connection that is up. */
export const renegotiationScenarios: readonly LinkScenario[] = [
  {
    name: "another offer of the offerer changes nothing",
    run: (link) => offerAgain(link, link.a, link.b),
  },
  {
    name: ANSWERER_OFFERS,
    run: (link) => offerAgain(link, link.b, link.a),
  },
  {
    name: RESTART,
    run: (link, { foreign }) => restart(link, link.a, link.b, foreign.traits.bulkBytes),
  },
  {
    name: ANSWERER_RESTARTS,
    run: (link, { foreign }) => restart(link, link.b, link.a, foreign.traits.bulkBytes),
  },
];

async function offerAgain(link: Link, from: End, to: End): Promise<void> {
  const before = await link.open(from, "before");
  await link.negotiate(from, to, { trickle: true });
  await exchange(before, [{ text: "still there" }, { size: 20_000, seed: 1 }]);
  const after = await link.open(to, "after");
  await exchange(after, [{ text: "and new ones open" }]);
  await link.closeChannel(before, from);
  await link.closeChannel(after, to);
}

async function restart(link: Link, from: End, to: End, bulkBytes = 20_000_000): Promise<void> {
  const size = 16_384;
  const channel = await link.open(from, "across");
  const old = [from.usernameFragment, to.usernameFragment];
  const flowing = bulk(channel, from, to, Math.ceil(bulkBytes / 4 / size), size);
  flowing.catch(() => {});
  await link.negotiate(from, to, { trickle: true, restart: true });
  assert.notEqual(from.usernameFragment, old[0], "the offerer kept its ICE credentials");
  assert.notEqual(to.usernameFragment, old[1], "the answerer kept its ICE credentials");
  await flowing;
  for (const { peer, pc } of [from, to]) await peer.call("state", { pc, until: UP });
  await exchange(channel, [{ text: "on the new pair" }, { size: 50_000, seed: 2 }]);
  await link.closeChannel(channel, from);
}

async function closeBy(pairing: Pairing, closer: "a" | "b"): Promise<void> {
  const { link, channel } = await Link.connect(pairing.a, pairing.b);
  await exchange(channel, [{ text: "before" }]);
  const [here, there] = closer === "a" ? [link.a, link.b] : [link.b, link.a];
  await here.peer.call("close", { pc: here.pc });
  await there.peer.call("closed", { ch: channel.ch });
  await there.peer.call("close", { pc: there.pc });
}

/** What two stacks do with whole connections. */
export const connectionScenarios: readonly PairScenario[] = [
  {
    name: "descriptions that hold all candidates",
    async run({ a, b }) {
      const { link, channel } = await Link.connect(a, b, { trickle: false });
      await exchange(channel, [{ text: "connected" }]);
      await link.close();
    },
  },
  {
    name: "six connections at once",
    async run({ a, b }) {
      await Promise.all(Array.from({ length: 6 }, async () => {
        const { link, channel } = await Link.connect(a, b);
        await exchange(channel, [{ text: "one of many" }, { size: 40_000, seed: 9 }]);
        await link.close();
      }));
    },
  },
  {
    name: "the offerer closes, and the other side sees it",
    run: (pairing) => closeBy(pairing, "a"),
  },
  {
    name: "the answerer closes, and the other side sees it",
    run: (pairing) => closeBy(pairing, "b"),
  },
];

/** Only where the foreign stack offers: Sterna has no media to offer yet. */
export const offeredMediaScenario: PairScenario = {
  name: REJECTED_MEDIA,
  async run({ a, b }) {
    const link = await Link.create(a, b, true);
    const opening = link.prepare(link.a, "beside media");
    await opening;
    await link.negotiate(link.a, link.b, { trickle: true });
    const channel = await (await opening)();
    const media = [...link.b.description!.sdp.matchAll(/^m=(\w+) (\d+)/gm)];
    assert.deepEqual(
      media.map(([, kind, port]) => [kind, port !== "0"]).toSorted(),
      [["application", true], ["audio", false], ["video", false]],
    );
    await exchange(channel, [{ text: "data" }, { size: 10_000, seed: 4 }]);
    await link.close();
  },
};
