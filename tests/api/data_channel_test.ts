import assert from "node:assert/strict";
import type { ChannelControl } from "../../src/api/channel_owner.ts";
import { createChannel, RTCDataChannel } from "../../src/api/data_channel.ts";
import { priorityName, readDataChannelInit } from "../../src/api/data_channel_init.ts";
import { RTCDataChannelEvent } from "../../src/api/data_channel_event.ts";
import type { RTCErrorEvent } from "../../src/api/rtc_error.ts";
import { TaskQueue } from "../../src/api/task_queue.ts";
import { DataChannel, type SendOutcome } from "../../src/peer/data_channel.ts";
import type { DataChannels } from "../../src/peer/data_channels.ts";
import { test } from "../harness.ts";

interface Sent {
  readonly text: boolean;
  readonly bytes: Uint8Array;
}

/** A channel on an engine that keeps what is sent. */
function channelOn(limits = { maxMessageSize: 1000, maxBufferSize: 2000 }): {
  control: ChannelControl;
  channel: RTCDataChannel;
  handle: DataChannel;
  sent: Sent[];
  tasks: TaskQueue;
  engine: { outcome: SendOutcome; buffered: number; closes: number };
  events: string[];
} {
  const sent: Sent[] = [];
  const engine = { outcome: "ok" as SendOutcome, buffered: 0, closes: 0 };
  const channels = {
    bufferedAmount: () => engine.buffered,
    applyLowThreshold: () => {},
    closeChannel: () => engine.closes++,
    send: (_channel: DataChannel, _id: number, bytes: Uint8Array, text: boolean) => {
      if (engine.outcome === "ok") {
        sent.push({ text, bytes: bytes.slice() });
        engine.buffered += bytes.length;
        queueMicrotask(() => engine.buffered -= bytes.length);
      }
      return engine.outcome;
    },
  } as unknown as DataChannels;
  const init = readDataChannelInit("label", { negotiated: true, id: 4 });
  const handle = new DataChannel(channels, init, false);
  const tasks = new TaskQueue();
  const owner = {
    tasks,
    ...limits,
    channelOpened: () => {},
    channelLeftOpen: () => {},
    channelClosed: () => {},
  };
  const control = createChannel(owner, handle);
  const { channel } = control;
  const events: string[] = [];
  for (const type of ["open", "message", "bufferedamountlow", "error", "closing", "close"]) {
    if (type !== "message") channel.addEventListener(type, () => events.push(type));
  }
  return { control, channel, handle, sent, tasks, engine, events };
}

async function openChannel(
  limits?: Parameters<typeof channelOn>[0],
): Promise<ReturnType<typeof channelOn>> {
  const all = channelOn(limits);
  all.handle.markOpen();
  await all.tasks.turn();
  return all;
}

const text = (message: string): Uint8Array => new TextEncoder().encode(message);

test("createDataChannel fills in the defaults (webrtc-pc §6.1)", () => {
  assert.deepEqual(readDataChannelInit("x", undefined), {
    label: "x",
    protocol: "",
    ordered: true,
    maxRetransmits: undefined,
    maxPacketLifeTime: undefined,
    negotiated: false,
    id: undefined,
    priority: 256,
  });
});

test("createDataChannel refuses what is out of range or contradicts itself (webrtc-pc §6.1)", () => {
  for (
    const dict of [
      { maxRetransmits: 1, maxPacketLifeTime: 1 },
      { maxRetransmits: -1 },
      { maxPacketLifeTime: 65536 },
      { negotiated: true },
      { negotiated: true, id: 65535 },
      { id: 65536 },
      { id: -1 },
      { protocol: "é".repeat(32768) },
      { priority: "urgent" as "high" },
    ]
  ) {
    assert.throws(
      () => readDataChannelInit("x", dict),
      TypeError,
      JSON.stringify(dict).slice(0, 80),
    );
  }
  assert.throws(() => readDataChannelInit("é".repeat(32768), {}), TypeError);
  assert.equal(readDataChannelInit("é".repeat(32767), {}).label.length, 32767);
  assert.equal(readDataChannelInit("x", { negotiated: true, id: 65534 }).id, 65534);
});

test("An id without negotiated is ignored, lone surrogates become U+FFFD (webrtc-pc §6.1)", () => {
  const init = readDataChannelInit("a\ud800", { id: 7, protocol: "\udc00" });
  assert.equal(init.id, undefined);
  assert.equal(init.label, "a\ufffd");
  assert.equal(init.protocol, "\ufffd");
});

test("Priorities map to the weights of DCEP and back (W3C webrtc-priority §4.1)", () => {
  assert.equal(readDataChannelInit("x", { priority: "high" }).priority, 1024);
  assert.deepEqual(
    [0, 128, 129, 256, 512, 513, 65535].map(priorityName),
    ["very-low", "very-low", "low", "low", "medium", "high", "high"],
  );
});

test("A channel is connecting until its open event, and send() is an InvalidStateError till then (webrtc-pc §6.2)", async () => {
  const { channel, handle, tasks, events } = channelOn();
  assert.throws(() => channel.send("x"), { name: "InvalidStateError" });
  handle.markOpen();
  assert.equal(channel.readyState, "connecting");
  await tasks.turn();
  assert.equal(channel.readyState, "open");
  assert.deepEqual(events, ["open"]);
});

test("A remote channel is open within the datachannel event and fires open after it (webrtc-pc §6.2.3)", async () => {
  const { channel, handle, control, tasks, events } = channelOn();
  tasks.queue(() => {
    control.openSilently();
    events.push(`datachannel ${channel.readyState}`);
  });
  handle.markOpen();
  await tasks.turn();
  assert.deepEqual(events, ["datachannel open", "open"]);
});

test("send() takes strings, buffers and views, and copies them (webrtc-pc §6.2)", async () => {
  const { channel, sent } = await openChannel();
  const bytes = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
  channel.send("é€\ud800");
  channel.send(bytes.buffer);
  channel.send(bytes.subarray(2, 4));
  channel.send(new DataView(bytes.buffer, 4, 3));
  channel.send(new Uint16Array(bytes.buffer, 6, 1));
  channel.send("");
  bytes.fill(9);
  assert.deepEqual(sent.map(({ bytes }) => [...bytes]), [
    [...text("é€\ufffd")],
    [0, 1, 2, 3, 4, 5, 6, 7],
    [2, 3],
    [4, 5, 6],
    [6, 7],
    [],
  ]);
  assert.deepEqual(sent.map(({ text }) => text), [true, false, false, false, false, true]);
});

test("send() refuses other types with a TypeError (webrtc-pc §6.2)", async () => {
  const { channel } = await openChannel();
  for (const value of [null, undefined, 5, {}, [1]]) {
    assert.throws(() => channel.send(value as unknown as string), TypeError);
  }
});

test("A message above maxMessageSize is a TypeError, a full buffer an OperationError (webrtc-pc §6.2)", async () => {
  const { channel, engine, sent } = await openChannel();
  assert.throws(() => channel.send(new Uint8Array(1001)), TypeError);
  assert.throws(() => channel.send("€".repeat(334)), TypeError);
  assert.throws(() => channel.send(new Blob([new Uint8Array(1001)])), TypeError);
  await Promise.resolve();
  engine.buffered = 1500;
  assert.throws(() => channel.send(new Uint8Array(501)), { name: "OperationError" });
  channel.send(new Uint8Array(500));
  engine.buffered = 0;
  engine.outcome = "buffer-full";
  assert.throws(() => channel.send("x"), { name: "OperationError" });
  assert.equal(sent.length, 1);
});

test("Blobs keep their place among other messages and count as buffered at once (webrtc-pc §6.2)", async () => {
  const { channel, sent } = await openChannel();
  channel.send("1");
  channel.send(new Blob(["two", "2"]));
  channel.send("3");
  channel.send(new Blob(["4"]));
  assert.equal(channel.bufferedAmount, 1 + 4 + 1 + 1);
  while (sent.length < 4) await new TaskQueue().turn();
  assert.deepEqual(sent.map(({ bytes }) => new TextDecoder().decode(bytes)), [
    "1",
    "two2",
    "3",
    "4",
  ]);
  assert.deepEqual(sent.map(({ text }) => text), [true, false, true, false]);
  assert.equal(channel.bufferedAmount, 0);
});

test("close() lets waiting blobs out first (webrtc-pc §6.2.4)", async () => {
  const { channel, sent, engine } = await openChannel();
  channel.send(new Blob(["last words"]));
  channel.close();
  assert.equal(channel.readyState, "closing");
  assert.equal(engine.closes, 0);
  while (sent.length < 1) await new TaskQueue().turn();
  assert.equal(engine.closes, 1);
  channel.close();
  assert.equal(engine.closes, 1);
});

test("Messages come as string, ArrayBuffer or Blob by binaryType, whose default is arraybuffer (webrtc-pc §6.2)", async () => {
  const { channel, handle, tasks } = await openChannel();
  const seen: unknown[] = [];
  channel.onmessage = ({ data }) => seen.push(data);
  assert.equal(channel.binaryType, "arraybuffer");
  handle.deliver(text("é"), true);
  handle.deliver(new Uint8Array([1, 2, 3, 4]).subarray(1, 3), false);
  await tasks.turn();
  channel.binaryType = "nonsense" as "blob";
  channel.binaryType = "blob";
  handle.deliver(new Uint8Array([5, 6]), false);
  await tasks.turn();
  assert.equal(seen[0], "é");
  assert.ok(seen[1] instanceof ArrayBuffer);
  assert.deepEqual([...new Uint8Array(seen[1])], [2, 3]);
  assert.ok(seen[2] instanceof Blob);
  assert.deepEqual([...new Uint8Array(await seen[2].arrayBuffer())], [5, 6]);
});

test("Whoever awaits one message and then listens for the next misses none (HTML §8.1.7)", async () => {
  const { channel, handle } = await openChannel();
  const next = (): Promise<unknown> =>
    new Promise((resolve) => channel.onmessage = ({ data }) => resolve(data));
  const awaited = async (): Promise<unknown> => await (async () => await next())();
  const first = awaited();
  for (let i = 0; i < 100; i++) handle.deliver(text(String(i)), true);
  const seen = [await first];
  while (seen.length < 100) seen.push(await awaited());
  assert.deepEqual(seen, Array.from({ length: 100 }, (_, i) => String(i)));
});

test("A settled handler gets messages from the engine's batch, in order with everything else (webrtc-pc §6.2)", async () => {
  const { channel, handle, tasks, events } = await openChannel();
  channel.onmessage = ({ data }) => events.push(data);
  for (let i = 0; i < 32; i++) handle.deliver(text("."), true);
  await tasks.turn();
  events.length = 0;
  handle.deliver(text("at once"), true);
  assert.deepEqual(events, ["at once"]);
  handle.listener!.onBufferedAmountLow();
  handle.deliver(text("behind the task"), true);
  assert.deepEqual(events, ["at once"]);
  await tasks.turn();
  assert.deepEqual(events, ["at once", "bufferedamountlow", "behind the task"]);
});

test("Listeners and handler both get messages, in the order of their registration (HTML §8.1.8.1)", async () => {
  const { channel, handle, tasks } = await openChannel();
  const seen: string[] = [];
  channel.onmessage = () => seen.push("handler");
  channel.addEventListener("message", (event) => seen.push(`listener ${event.data}`), {
    once: true,
  });
  handle.deliver(text("a"), true);
  handle.deliver(text("b"), true);
  await tasks.turn();
  assert.deepEqual(seen, ["handler", "listener a", "handler"]);
});

test("Closing by the peer fires closing and close, our own close only close (webrtc-pc §6.2.4)", async () => {
  const theirs = await openChannel();
  theirs.handle.markClosing();
  theirs.handle.markClosed();
  await theirs.tasks.turn();
  assert.deepEqual(theirs.events, ["open", "closing", "close"]);
  assert.equal(theirs.channel.readyState, "closed");
  const ours = await openChannel();
  ours.channel.close();
  ours.handle.markClosing();
  ours.handle.markClosed();
  await ours.tasks.turn();
  assert.deepEqual(ours.events, ["open", "close"]);
});

test("An abrupt end fires error with the SCTP cause before close (webrtc-pc §6.2.5)", async () => {
  const { channel, handle, tasks, events } = await openChannel();
  let failure: RTCErrorEvent | undefined;
  channel.onerror = (event) => failure = event;
  handle.markClosed({ message: "abort", sctpCause: 12 });
  await tasks.turn();
  assert.deepEqual(events, ["open", "error", "close"]);
  assert.equal(failure?.error.errorDetail, "sctp-failure");
  assert.equal(failure?.error.sctpCauseCode, 12);
  assert.throws(() => channel.send("x"), { name: "InvalidStateError" });
});

test("Messages after closing began are discarded (webrtc-pc §6.2)", async () => {
  const { channel, handle, tasks } = await openChannel();
  const seen: unknown[] = [];
  channel.onmessage = ({ data }) => seen.push(data);
  handle.deliver(text("in time"), true);
  await tasks.turn();
  channel.close();
  handle.deliver(text("late"), true);
  await tasks.turn();
  assert.deepEqual(seen, ["in time"]);
});

test("Closing the connection closes channels without an event (webrtc-pc §4.4.3)", async () => {
  const { control, channel, handle, tasks, events } = await openChannel();
  control.closeSilently();
  handle.markClosed({ message: "aborted" });
  await tasks.turn();
  assert.equal(channel.readyState, "closed");
  assert.deepEqual(events, ["open"]);
});

test("Attributes show what the channel was made with; there is no public constructor (webrtc-pc §6.2)", () => {
  const { channel } = channelOn();
  assert.deepEqual(
    [channel.label, channel.protocol, channel.ordered, channel.negotiated, channel.id],
    ["label", "", true, true, 4],
  );
  assert.deepEqual([channel.maxPacketLifeTime, channel.maxRetransmits], [null, null]);
  assert.equal(channel.priority, "low");
  channel.bufferedAmountLowThreshold = 10;
  assert.equal(channel.bufferedAmountLowThreshold, 10);
  assert.throws(() => channel.bufferedAmountLowThreshold = -1, TypeError);
  assert.throws(() => Reflect.construct(RTCDataChannel, []), TypeError);
  assert.equal(new RTCDataChannelEvent("datachannel", { channel }).channel, channel);
  assert.throws(() => Reflect.construct(RTCDataChannelEvent, ["datachannel", {}]), TypeError);
});

test("bufferedAmount does not fall before the task that sent has ended (webrtc-pc §6.2)", async () => {
  const { channel, control, engine } = await openChannel();
  channel.send("12345");
  await Promise.resolve();
  assert.equal(engine.buffered, 0);
  assert.equal(channel.bufferedAmount, 5);
  channel.send("678");
  assert.equal(channel.bufferedAmount, 8);
  await new TaskQueue().turn();
  assert.equal(channel.bufferedAmount, 0);
  channel.send("90");
  control.closeSilently();
  await new TaskQueue().turn();
  assert.equal(channel.bufferedAmount, 2, "it stays when the connection is closed");
});
