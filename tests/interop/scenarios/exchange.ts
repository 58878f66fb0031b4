import assert from "node:assert/strict";
import type { ChannelPair, End } from "../link.ts";
import { expected } from "../pattern.ts";
import type { Message, Received } from "../protocol.ts";

/** Sends messages over a channel one way, and checks every one of them at the other end. */
export async function deliver(
  { ch, here, there }: ChannelPair,
  from: End,
  to: End,
  wanted: readonly Message[],
): Promise<void> {
  const messages = from.peer.traits.sendsNoEmpty === undefined
    ? wanted
    : wanted.filter((message) => expected(message).size > 0);
  const receiving = to.peer.call("receive", { ch, count: messages.length });
  // A failure to send is told first; the receiver then waits in vain.
  receiving.catch(() => {});
  for (const message of messages) await from.peer.call("send", { ch, message });
  const received = await receiving;
  const sent = messages.map(expected);
  // One of the two may misreport it.
  const ordered = here.ordered && there.ordered;
  assert.deepEqual(ordered ? received : sorted(received), ordered ? sent : sorted(sent));
}

/** The same, both ways at once. */
export async function exchange(channel: ChannelPair, messages: readonly Message[]): Promise<void> {
  const { from, to } = channel;
  await Promise.all([
    deliver(channel, from, to, messages),
    deliver(channel, to, from, messages),
  ]);
}

function sorted(messages: readonly Received[]): Received[] {
  return messages.toSorted((one, other) => one.size - other.size || one.crc - other.crc);
}

/** Sends many bytes over a channel one way; the sums have to agree. */
export async function bulk(
  { ch }: ChannelPair,
  from: End,
  to: End,
  count: number,
  size: number,
): Promise<void> {
  const limitMs = 40_000;
  const [sent, received] = await Promise.all([
    from.peer.call("bulkSend", { ch, count, size }, limitMs),
    to.peer.call("bulkReceive", { ch, count }, limitMs),
  ]);
  assert.deepEqual(received, sent);
}
