/** What is sent in one turn leaves together: in Node by corked streams, in Bun by corked sockets. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { BunPort } from "../../src/signaling/bun_port.ts";
import { Corker } from "../../src/signaling/corker.ts";
import { CLOSE_CODES } from "../../src/signaling/errors.ts";
import { test } from "../harness.ts";

/** A socket of Bun that writes down what is asked of it. */
function bunSocket(capacity = Infinity) {
  const calls: string[] = [];
  return {
    calls,
    getBufferedAmount: () => 100,
    send(text: string): number {
      calls.push(`send ${text}`);
      return calls.length > capacity ? 0 : text.length;
    },
    cork(work: () => void): void {
      calls.push("cork");
      work();
      calls.push("uncork");
    },
    close: (code?: number, reason?: string): void => void calls.push(`close ${code} ${reason}`),
  };
}

/** Behind whatever waits for the same moment already. */
const afterReading = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test("In Node the messages of one turn are written by one uncork, those of the next by another", async () => {
  const calls: string[] = [];
  const stream = { cork: () => void calls.push("cork"), uncork: () => void calls.push("uncork") };
  const corker = new Corker(stream);
  for (const text of ["a", "b"]) {
    corker.cork();
    calls.push(text);
  }
  assert.deepEqual(calls.splice(0), ["cork", "a", "b"]);
  await Promise.resolve();
  assert.deepEqual(calls.splice(0), ["uncork"]);
  corker.cork();
  await Promise.resolve();
  assert.deepEqual(calls, ["cork", "uncork"]);
});

test("In Bun the messages of one round leave in order and corked, a single one without", async () => {
  const many = bunSocket(), one = bunSocket();
  const port = new BunPort(many), other = new BunPort(one);
  for (const text of ["a", "bc"]) assert.ok(port.send(text));
  other.send("d");
  assert.equal(port.bufferedAmount(), 103);
  assert.deepEqual(many.calls, []);
  await afterReading();
  assert.deepEqual(many.calls, ["cork", "send a", "send bc", "uncork"]);
  assert.deepEqual(one.calls, ["send d"]);
  assert.equal(port.bufferedAmount(), 100);
});

test("In Bun a port says everything before it closes", async () => {
  const socket = bunSocket();
  const port = new BunPort(socket);
  port.send("last words");
  port.close(1000, "bye");
  await afterReading();
  assert.deepEqual(socket.calls, ["send last words", "close 1000 bye"]);
});

test("What Bun drops closes the socket as that of a slow reader, whose session resumes", async () => {
  const socket = bunSocket(2);
  const port = new BunPort(socket);
  for (const text of ["a", "b", "c"]) port.send(text);
  await afterReading();
  assert.equal(socket.calls.at(-1), `close ${CLOSE_CODES["slow-reader"]} slow-reader`);
});
