import assert from "node:assert/strict";
import * as api from "../../src/api/mod.ts";
import "../../src/api/polyfill.ts";
import { createChannel } from "../../src/api/data_channel.ts";
import { readDataChannelInit } from "../../src/api/data_channel_init.ts";
import { TaskQueue } from "../../src/api/task_queue.ts";
import { DataChannel } from "../../src/peer/data_channel.ts";
import type { DataChannels } from "../../src/peer/data_channels.ts";
import { test } from "../harness.ts";

test("The polyfill installs every interface as a non-enumerable global (WebIDL §3.7)", () => {
  const names = Object.keys(api).filter((name) => name.startsWith("RTC"));
  assert.ok(names.length >= 15, names.join());
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    assert.equal(descriptor?.value, (api as Record<string, unknown>)[name], name);
    assert.equal(descriptor?.enumerable, false);
    assert.equal(descriptor?.writable, true);
    const { prototype } = descriptor?.value as { prototype: object };
    assert.equal(Object.prototype.toString.call(prototype), `[object ${name}]`);
  }
});

test("An exception of a message handler is reported and stops nothing (HTML §8.1.4.6)", async () => {
  const channels = {
    applyLowThreshold: () => {},
    bufferedAmount: () => 0,
  } as unknown as DataChannels;
  const init = readDataChannelInit("x", { negotiated: true, id: 1 });
  const handle = new DataChannel(channels, init, false);
  const tasks = new TaskQueue();
  const { channel } = createChannel({
    tasks,
    maxMessageSize: 1,
    maxBufferSize: 1,
    channelOpened: () => {},
    channelLeftOpen: () => {},
    channelClosed: () => {},
  }, handle);
  const reported: unknown[] = [];
  const scope = globalThis as { reportError?: (error: unknown) => void };
  const original = scope.reportError;
  scope.reportError = (error) => reported.push(error);
  try {
    handle.markOpen();
    await tasks.turn();
    let seen = 0;
    channel.onmessage = () => {
      seen++;
      throw new Error("in the handler");
    };
    for (let i = 0; i < 40; i++) handle.deliver(new Uint8Array(1), false);
    await tasks.turn();
    handle.deliver(new Uint8Array(1), false);
    handle.deliver(new Uint8Array(1), false);
    assert.equal(seen, 42);
    assert.equal(reported.length, 42);
  } finally {
    if (original === undefined) delete scope.reportError;
    else scope.reportError = original;
  }
});
