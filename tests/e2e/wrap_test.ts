import assert from "node:assert/strict";
import type { DataChannel, DataChannelInit } from "../../src/peer/mod.ts";
import { fuzzSeed } from "../fuzz.ts";
import { test } from "../harness.ts";
import { Pair } from "../peer/pair.ts";
import { isIncreasing } from "./payload.ts";

const ROUNDS = 3;
const MESSAGES = 60;
const KINDS: Pick<DataChannelInit, "ordered" | "maxRetransmits">[] = [
  { ordered: true },
  { ordered: false },
  { ordered: true, maxRetransmits: 0 },
  { ordered: false, maxRetransmits: 0 },
];

interface Heard {
  readonly init: DataChannelInit;
  readonly numbers: number[];
  closed: boolean;
}

function hear(channel: DataChannel, heard: Map<string, Heard>): void {
  const entry: Heard = { init: channel, numbers: [], closed: false };
  heard.set(channel.label, entry);
  channel.listener = {
    onOpen: () => {},
    onMessage: (data) => {
      entry.numbers.push(parseInt(new TextDecoder().decode(data)));
    },
    onBufferedAmountLow: () => {},
    onClosing: () => {},
    onClosed: () => entry.closed = true,
  };
}

/** Just below each wrap, and just below half a circle, where serial arithmetic changes sign. */
const NUMBERS = [
  { tsn: 0xffff_ffff, message: 0xffff_ffff, interleaving: true },
  { tsn: 0xffff_ffc0, message: 0xffff_fff0, interleaving: true },
  { tsn: 0x7fff_fff0, message: 0x7fff_fff0, interleaving: true },
  { tsn: 0xffff_fff0, message: 0xfff0, interleaving: false },
  { tsn: 0x7fff_ffc0, message: 0x7ff0, interleaving: false },
  { tsn: 0, message: 0xffff, interleaving: false },
];

NUMBERS.forEach(({ interleaving, ...initialNumbers }, seed) => {
  const numbers = `TSN ${initialNumbers.tsn.toString(16)}, message ${
    initialNumbers.message.toString(16)
  }`;
  test(`Numbers wrap in the middle of traffic: ${numbers}, ${interleaving ? "I-DATA" : "DATA"} (RFC 9260 §6.6, RFC 1982)`, () => {
    const link = { delayMs: 20, loss: 0.05, reorder: 0.1, duplicate: 0.05 };
    const pair = new Pair(fuzzSeed(500 + seed), link, { sctp: { initialNumbers, interleaving } });
    const heard = new Map<string, Heard>();
    for (const end of [pair.a, pair.b]) end.onRemoteChannel = (channel) => hear(channel, heard);
    pair.meet();
    for (let round = 0; round < ROUNDS; round++) {
      heard.clear();
      const channels = KINDS.flatMap((kind, i) =>
        [pair.a, pair.b].map((end) =>
          end.transport.channels.create({
            ...{ protocol: "", negotiated: false, priority: 256 },
            ...kind,
            label: `${i} ${end === pair.a}`,
          })!
        )
      );
      const opened = (): boolean => channels.every(({ state }) => state === "open");
      assert.ok(pair.run(opened, 60_000), `seed ${seed}: opening`);
      for (let i = 0; i < MESSAGES; i++) {
        const length = i % 7 === 0 ? 5000 : 20;
        for (const channel of channels) {
          channel.send(new TextEncoder().encode(`${i}`.padEnd(length)), false);
        }
        pair.run(() => false, 10);
      }
      // The last RE-CONFIG of a round has to find the next request number, too (RFC 6525 §5.1.1).
      channels.forEach((channel) => channel.close());
      const closed = (): boolean =>
        channels.every(({ state }) => state === "closed") &&
        heard.size === channels.length && [...heard.values()].every((entry) => entry.closed);
      assert.ok(pair.run(closed, 120_000), `seed ${seed}: closing in round ${round}`);
      for (const [label, { init, numbers }] of heard) {
        const about = `seed ${seed}, round ${round}, channel ${label}: ${numbers}`;
        assert.equal(new Set(numbers).size, numbers.length, about);
        if (init.ordered) assert.ok(isIncreasing(numbers), about);
        if (init.maxRetransmits === undefined) assert.equal(numbers.length, MESSAGES, about);
        else assert.ok(numbers.length > MESSAGES / 2, about);
      }
    }
  });
});
