import assert from "node:assert/strict";
import type { ChannelPair, Link } from "../link.ts";
import { deliver, exchange } from "./exchange.ts";
import type { LinkScenario } from "./scenario.ts";

const CHANNELS = 100;
const ROUNDS = 2;

/** What two stacks do with the lives of channels. */
export const channelScenarios: readonly LinkScenario[] = [
  {
    name: "a channel closed by each side closes at both (RFC 8831 §6.7)",
    async run(link) {
      for (const closer of [link.a, link.b]) {
        for (const opener of [link.a, link.b]) {
          const channel = await link.open(opener, "closing");
          await exchange(channel, [{ text: "before" }]);
          // What was sent before the close still arrives.
          const other = closer === link.a ? link.b : link.a;
          await deliver(channel, closer, other, [{ size: 30_000, seed: 3 }, { text: "bye" }]);
          await link.closeChannel(channel, closer);
        }
      }
    },
  },
  {
    name: `${CHANNELS} channels opened and closed, ${ROUNDS} times over, with ids used again`,
    async run(link) {
      const rounds: number[][] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await manyChannels(link, round));
      for (const ids of rounds) assert.equal(new Set(ids).size, CHANNELS, "ids are unique");
      const again = rounds[1]!.filter((id) => rounds[0]!.includes(id));
      assert.ok(again.length > 0, "no stream id was used again");
    },
  },
];

/** Opens channels from both ends, uses each, closes each from either end; answers their ids. */
async function manyChannels(link: Link, round: number): Promise<number[]> {
  const opening: Promise<ChannelPair>[] = [];
  for (let index = 0; index < CHANNELS; index++) {
    opening.push(link.open(index % 2 === 0 ? link.a : link.b, `channel ${round}/${index}`));
  }
  const channels = await Promise.all(opening);
  await Promise.all(channels.map(async (channel, index) => {
    assert.equal(channel.here.id, channel.there.id);
    await exchange(channel, [{ text: `message ${index}` }]);
    await link.closeChannel(channel, index % 3 === 0 ? link.a : link.b);
  }));
  return channels.map(({ here }) => here.id);
}
