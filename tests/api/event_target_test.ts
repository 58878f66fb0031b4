import assert from "node:assert/strict";
import { lightMessageEvent } from "../../src/api/message_event.ts";
import { OperationsChain } from "../../src/api/operations_chain.ts";
import { TaskQueue } from "../../src/api/task_queue.ts";
import { TypedEventTarget } from "../../src/api/typed_event_target.ts";
import { test } from "../harness.ts";

interface Events {
  ping: Event;
}

class Target extends TypedEventTarget<Events> {
  get onping(): ((event: Event) => unknown) | null {
    return this.getHandler("ping");
  }

  set onping(handler: unknown) {
    this.setHandler("ping", handler);
  }
}

test("A handler keeps the place in which it was first set, and loses it with null (HTML §8.1.8.1)", () => {
  const target = new Target();
  const seen: string[] = [];
  target.addEventListener("ping", () => seen.push("1"));
  target.onping = () => seen.push("never");
  target.addEventListener("ping", () => seen.push("3"));
  target.onping = () => seen.push("2");
  target.dispatchEvent(new Event("ping"));
  assert.deepEqual(seen.splice(0), ["1", "2", "3"]);
  target.onping = null;
  target.onping = () => seen.push("last");
  target.dispatchEvent(new Event("ping"));
  assert.deepEqual(seen.splice(0), ["1", "3", "last"]);
});

test("A handler that cannot be called is null or ignored, and its this is the target (HTML §8.1.8.1)", () => {
  const target = new Target();
  target.onping = 5;
  assert.equal(target.onping, null);
  target.onping = {};
  assert.deepEqual(target.onping, {});
  target.dispatchEvent(new Event("ping"));
  let self: unknown;
  target.onping = function (this: unknown): void {
    self = this;
  };
  target.dispatchEvent(new Event("ping"));
  assert.equal(self, target);
});

test("A handler that returns false cancels the event (HTML §8.1.8.1)", () => {
  const target = new Target();
  target.onping = () => false;
  assert.equal(target.dispatchEvent(new Event("ping", { cancelable: true })), false);
});

test("The event of a lone message handler is a MessageEvent to look at (HTML §9.1)", () => {
  const target = new Target();
  const event = lightMessageEvent(target, "text");
  assert.ok(event instanceof MessageEvent);
  assert.ok(event instanceof Event);
  assert.equal(event.data, "text");
  assert.equal(event.type, "message");
  assert.equal(event.target, target);
  assert.equal(event.currentTarget, target);
  assert.equal(event.bubbles, false);
  assert.equal(event.defaultPrevented, false);
  assert.deepEqual(event.composedPath(), [target]);
  assert.ok(event.timeStamp >= 0);
  event.preventDefault();
  event.stopPropagation();
});

test("Tasks run in order, with all microtasks of one before the next (HTML §8.1.7)", async () => {
  const queue = new TaskQueue();
  const seen: string[] = [];
  queue.queue(() => {
    seen.push("first");
    void (async () => {
      for (let i = 0; i < 5; i++) await Promise.resolve();
      seen.push("its microtasks");
    })();
  });
  queue.queue(() => seen.push("second"));
  assert.equal(queue.length, 2);
  await queue.turn();
  assert.deepEqual(seen, ["first", "its microtasks", "second"]);
  queue.queue(() => seen.push("forgotten"));
  queue.clear();
  await new TaskQueue().turn();
  assert.equal(seen.length, 3);
});

test("Chained operations run one at a time, and the flag is updated on an empty chain (webrtc-pc §4.4.1.2)", async () => {
  const owner = {
    isClosed: false,
    updates: 0,
    updateNegotiationNeeded(): void {
      this.updates++;
    },
  };
  const chain = new OperationsChain(owner);
  const seen: string[] = [];
  const operation = (name: string) => async (): Promise<string> => {
    seen.push(`${name} starts`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    if (name === "b") throw new Error("b fails");
    return name;
  };
  const a = chain.chain(operation("a"));
  const b = chain.chain(operation("b"));
  chain.updateWhenEmpty = true;
  const c = chain.chain(operation("c"));
  assert.deepEqual(seen, ["a starts"]);
  assert.equal(await a, "a");
  await assert.rejects(b, /b fails/);
  assert.equal(await c, "c");
  await new TaskQueue().turn();
  assert.deepEqual(seen, ["a starts", "a ends", "b starts", "b ends", "c starts", "c ends"]);
  assert.equal(owner.updates, 1);
  assert.ok(chain.isEmpty);
  owner.isClosed = true;
  await assert.rejects(chain.chain(operation("d")), { name: "InvalidStateError" });
});
