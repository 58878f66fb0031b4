import assert from "node:assert/strict";
import { seededEntropy } from "../../src/base/mod.ts";
import {
  type PeerInfo,
  RoomMachine,
  type ServerMessage,
  type SignalingLimits,
} from "../../src/signaling/mod.ts";

/** A machine on virtual time with everything it said, by connection. */
export class Bench {
  readonly machine: RoomMachine;
  now = 0;
  readonly inbox: Map<number, ServerMessage[]> = new Map();
  readonly closed: Map<number, { code: number; reason: string }> = new Map();

  constructor(limits: Partial<SignalingLimits> = {}, seed = 1) {
    this.machine = new RoomMachine({ entropy: seededEntropy(seed), limits });
  }

  connect(): number {
    const id = this.machine.connect(this.now);
    assert.ok(id !== undefined);
    this.drain();
    return id;
  }

  send(id: number, message: unknown): void {
    this.sendText(id, JSON.stringify(message));
  }

  sendText(id: number, text: string | undefined): void {
    this.machine.handleMessage(this.now, id, text);
    this.drain();
  }

  /** Connects and joins; returns the connection and the id of the member. */
  join(room = "r", name = ""): { id: number; self: string; peers: PeerInfo[] } {
    const id = this.connect();
    this.send(id, { type: "join", version: 1, room, name });
    const joined = this.last(id);
    assert.ok(joined?.type === "joined", JSON.stringify(joined));
    return { id, self: joined.self, peers: joined.peers };
  }

  /** Lets time pass, stopping at every deadline. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (let at = this.machine.pollTimeout(); at <= end; at = this.machine.pollTimeout()) {
      assert.ok(at >= this.now, "a deadline lies in the past");
      this.now = at;
      this.machine.handleTimeout(at);
      this.drain();
    }
    this.now = end;
  }

  take(id: number): ServerMessage[] {
    const messages = this.inbox.get(id) ?? [];
    this.inbox.delete(id);
    return messages;
  }

  last(id: number): ServerMessage | undefined {
    return this.take(id).at(-1);
  }

  drain(): void {
    for (let action = this.machine.pollAction(); action; action = this.machine.pollAction()) {
      const { connection } = action;
      if (action.type === "close") this.closed.set(connection, action);
      else {
        const messages = this.inbox.get(connection) ?? [];
        messages.push(JSON.parse(action.text) as ServerMessage);
        this.inbox.set(connection, messages);
      }
    }
  }
}

/** The code of the last error that `messages` hold. */
export function errorCode(messages: readonly ServerMessage[]): string | undefined {
  const error = messages.findLast(({ type }) => type === "error");
  return error?.type === "error" ? error.code : undefined;
}
