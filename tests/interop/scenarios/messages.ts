import assert from "node:assert/strict";
import type { ChannelPair, Link } from "../link.ts";
import type { Traits } from "../peer.ts";
import type { ChannelInit, Message } from "../protocol.ts";
import { bulk, deliver, exchange } from "./exchange.ts";
import type { LinkScenario } from "./scenario.ts";

const KIB = 1024;

/** RFC 8831 §6.6: each kind of message, and the empty ones that SCTP itself does not have. */
const KINDS: readonly Message[] = [
  { text: "text" },
  { size: 5, seed: 1 },
  { text: "" },
  { size: 0, seed: 0 },
  { text: "Küstenseeschwalbe – 北極燕鷗 – \u{1f426}\0 end" },
  { size: 1, seed: 255 },
  { text: "", repeat: 2 },
  { text: "after" },
];

const SIZES = [
  ...[0, 1, 2, 3, 4, 5, 1023, 1024, 1170, 1200, 1201, 2400],
  ...[16 * KIB - 1, 16 * KIB, 64 * KIB - 1, 64 * KIB, 128 * KIB + 1, 256 * KIB - 1, 256 * KIB],
];

/** RFC 8832 §5.1: the six channel types, with labels and protocols in UTF-8. */
const KINDS_OF_CHANNELS: readonly ChannelKind[] = [
  { label: "ordered, reliable", init: {} },
  { label: "", init: { protocol: "nameless" } },
  { label: "ungeordnet ☃ 順不同", init: { ordered: false, protocol: "протокол" } },
  { label: "maxRetransmits 0", init: { ordered: false, maxRetransmits: 0 } },
  { label: "maxRetransmits 3, ordered", init: { maxRetransmits: 3, protocol: "π" } },
  { label: "lifetime", init: { ordered: false, maxPacketLifeTime: 5000 } },
  { label: "lifetime, ordered", init: { maxPacketLifeTime: 4000 } },
];

interface ChannelKind {
  readonly label: string;
  readonly init: ChannelInit;
}

/** The kind of channel as a stack with its traits can open it. */
function possible({ label, init }: ChannelKind, traits: Traits): ChannelKind {
  const limited = init.maxRetransmits !== undefined || init.maxPacketLifeTime !== undefined;
  const ordered = traits.opensOrdered !== undefined && limited ? { ordered: true } : {};
  if (traits.opensAscii === undefined) return { label, init: { ...init, ...ordered } };
  const protocol = init.protocol === undefined ? {} : { protocol: "ascii" };
  return {
    label: label.replaceAll(/[^ -~]/g, "?"),
    init: { ...init, ...ordered, ...protocol },
  };
}

function checkFacts(
  { here, there, from, to }: ChannelPair,
  label: string,
  init: ChannelInit,
): void {
  const facts = {
    id: here.id,
    label,
    protocol: init.protocol ?? "",
    ordered: init.ordered ?? true,
    maxRetransmits: init.maxRetransmits ?? null,
    maxPacketLifeTime: init.maxPacketLifeTime ?? null,
  };
  const { ordered, maxRetransmits, maxPacketLifeTime } = facts;
  for (const [told, { traits }] of [[here, from.peer], [there, to.peer]] as const) {
    const misreported = traits.misreportsKind === undefined
      ? {}
      : { ordered, maxRetransmits, maxPacketLifeTime };
    assert.deepEqual({ ...told, ...misreported }, facts);
  }
}

async function channelKinds(link: Link): Promise<void> {
  for (const from of [link.a, link.b]) {
    for (const kind of KINDS_OF_CHANNELS) {
      const { label, init } = possible(kind, from.peer.traits);
      const channel = await link.open(from, label, init);
      checkFacts(channel, label, init);
      await exchange(channel, [{ text: label || "-" }, { size: 3000, seed: 7 }, { text: "last" }]);
      await link.closeChannel(channel, from);
    }
  }
}

/** What two stacks do with messages. */
export const messageScenarios: readonly LinkScenario[] = [
  {
    name: "text, binary, empty and non-ASCII messages both ways",
    async run(link) {
      const channel = await link.open(link.a, "kinds");
      await exchange(channel, KINDS);
      await link.closeChannel(channel, link.a);
    },
  },
  {
    name: "messages of 0 B to 256 KiB both ways, ordered",
    run: (link) => sizes(link, {}),
  },
  {
    name: "messages of 0 B to 256 KiB both ways, unordered",
    run: (link) => sizes(link, { ordered: false }),
  },
  { name: "every kind of channel, made by each side", run: channelKinds },
  {
    name: "negotiated channels",
    async run(link) {
      for (const id of [100, 1022]) {
        const channel = await link.open(link.a, "agreed", { negotiated: true, id });
        assert.deepEqual([channel.here.id, channel.there.id], [id, id]);
        await exchange(channel, KINDS);
        await link.closeChannel(channel, link.b);
      }
    },
  },
  {
    name: "20 MB each way with backpressure",
    async run(link, { foreign }) {
      const size = 64 * KIB;
      const count = Math.ceil((foreign.traits.bulkBytes ?? 20_000_000) / size);
      const channel = await link.open(link.a, "bulk");
      await bulk(channel, link.a, link.b, count, size);
      await bulk(channel, link.b, link.a, count, size);
      await link.closeChannel(channel, link.a);
    },
  },
  {
    name: "many small messages both ways at once",
    async run(link, { foreign }) {
      const channel = await link.open(link.b, "small");
      const { from, to } = channel;
      const count = foreign.traits.smallMessages ?? 2000;
      await Promise.all([bulk(channel, from, to, count, 100), bulk(channel, to, from, count, 100)]);
      await link.closeChannel(channel, link.b);
    },
  },
];

async function sizes(link: Link, init: ChannelInit): Promise<void> {
  const channel = await link.open(link.b, "sizes", init);
  for (const [from, to] of [[link.a, link.b], [link.b, link.a]] as const) {
    const messages = SIZES.filter((size) => size <= to.maxMessageSize)
      .map((size, index) => ({ size, seed: index }));
    await deliver(channel, from, to, messages);
  }
  await link.closeChannel(channel, link.a);
}
