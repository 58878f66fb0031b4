import assert from "node:assert/strict";
import { RTCPeerConnection } from "../../src/api/mod.ts";
import { internAddress } from "../../src/base/mod.ts";
import { tsCrypto } from "../../src/crypto/mod.ts";
import { type MemoryHost, nativeCrypto, VirtualNetwork } from "../../src/host/mod.ts";
import { turns } from "../e2e/call.ts";
import { test } from "../harness.ts";
import { Chance } from "./chance.ts";
import { flood } from "./flood.ts";
import { soakHours, soakSeed } from "./settings.ts";

const CLIENT_HOSTS = 8;
const ARRIVALS_PER_MINUTE = 3;
const PORT = 5000;

/** How a client behaves. */
const FATES = [
  "says goodbye",
  "is closed by the server",
  "vanishes",
  "never answers",
  "leaves at once",
  "restarts",
] as const;

/** A server on one port, and the clients that come and go. */
class Party {
  readonly network: VirtualNetwork;
  readonly server: MemoryHost;
  readonly hosts: readonly MemoryHost[];
  readonly chance: Chance;
  /** Connections that are not closed. */
  readonly open = new Set<RTCPeerConnection>();
  /** Promises of the API that are not settled. */
  pending = 0;
  /** Echoes that came back. */
  echoes = 0;
  readonly faults: unknown[] = [];

  constructor(seed: number) {
    this.network = new VirtualNetwork({ seed, conditions: { delayMs: 30, loss: 0.02 } });
    this.chance = new Chance(seed);
    const crypto = nativeCrypto() ?? tsCrypto;
    this.server = this.network.createHost("10.0.0.1", { crypto });
    this.hosts = Array.from(
      { length: CLIENT_HOSTS },
      (_, i) => this.network.createHost(`10.0.1.${i + 1}`, { crypto }),
    );
  }

  /** A connection that is closed as soon as it has failed. */
  connection(host: MemoryHost): RTCPeerConnection {
    const pc = new RTCPeerConnection(
      {},
      host === this.server ? { host, udp: { port: PORT } } : { host },
    );
    this.open.add(pc);
    pc.addEventListener("connectionstatechange", () => {
      if (pc.connectionState === "failed") this.close(pc);
    });
    return pc;
  }

  close(pc: RTCPeerConnection): void {
    pc.close();
    this.open.delete(pc);
  }

  /** Watches a promise that connections are to keep: it has to settle while they are open. */
  watch(promise: Promise<unknown>, ...of: readonly RTCPeerConnection[]): void {
    this.pending++;
    let settled = false;
    const done = (): void => {
      if (!settled) this.pending--;
      settled = true;
    };
    promise.then(done, (error) => {
      done();
      if (!of.some((one) => one.connectionState === "closed")) this.faults.push(error);
    });
    // webrtc-pc §4.4.1.2: promises of a closed connection stay as they are.
    this.#forget.push(() => of.some((pc) => pc.connectionState === "closed") && done());
  }

  #forget: (() => unknown)[] = [];

  /** Runs something after a time. */
  later(delayMs: number, run: () => void): void {
    this.server.setTimer(run, delayMs);
  }

  /** A client comes from a host of its own, and goes as fate has it. */
  arrive(): void {
    const { chance } = this;
    const host = chance.of(this.hosts), fate = chance.of(FATES);
    this.network.setConditions(this.server, host, {
      delayMs: chance.of([5, 50, 200]),
      loss: chance.of([0, 0.02, 0.15]),
      reorder: chance.of([0, 0.1]),
      mtu: chance.of([1500, 1200, 700]),
    });
    const near = this.connection(host), far = this.connection(this.server);
    far.ondatachannel = ({ channel }) => {
      channel.onmessage = ({ data }) => channel.send(data);
    };
    for (const [from, to] of [[near, far], [far, near]] as const) {
      if (fate === "never answers" && to === near) continue;
      from.onicecandidate = ({ candidate }) => this.watch(to.addIceCandidate(candidate), to);
    }
    const channel = near.createDataChannel("churn");
    channel.onmessage = () => this.echoes++;
    channel.onopen = () => {
      for (let i = 0; i < 10; i++) channel.send(new Uint8Array(i * 1000));
      if (fate === "restarts") this.watch(this.#negotiate(near, far, true), near, far);
    };
    this.watch(this.#negotiate(near, far, fate !== "never answers"), near, far);
    this.#leave(fate, host, near, far);
  }

  async #negotiate(
    near: RTCPeerConnection,
    far: RTCPeerConnection,
    takesAnswer: boolean,
  ): Promise<void> {
    if (near.signalingState === "stable" && near.localDescription !== null) near.restartIce();
    await near.setLocalDescription();
    await far.setRemoteDescription(near.localDescription!);
    await far.setLocalDescription();
    if (takesAnswer) await near.setRemoteDescription(far.localDescription!);
  }

  #leave(
    fate: typeof FATES[number],
    host: MemoryHost,
    near: RTCPeerConnection,
    far: RTCPeerConnection,
  ): void {
    const stay = 5000 + this.chance.below(60_000);
    // Whose offer or candidates never came cannot fail (webrtc-pc §5.6.4): a server gives up on it.
    this.later(stay + 120_000, () => far.connectionState === "new" && this.close(far));
    switch (fate) {
      case "says goodbye":
      case "restarts":
        this.later(stay, () => this.close(near));
        // Goodbyes get lost; whoever hears nothing for a while is gone.
        return this.later(stay + 5000, () => this.close(far));
      case "is closed by the server":
        this.later(stay, () => this.close(far));
        return this.later(stay + 5000, () => this.close(near));
      case "vanishes":
        return this.later(stay, () => {
          this.network.partition(this.server, host);
          this.close(near);
          this.later(1000, () => this.network.heal(this.server, host));
        });
      case "never answers":
        return this.later(stay, () => this.close(near));
      case "leaves at once":
        return this.later(this.chance.below(1500), () => this.close(near));
    }
  }

  /** Everybody has left: nothing may be left of them. */
  async checkEmpty(about: string): Promise<void> {
    const empty = (): boolean => this.open.size === 0 && this.network.timers.count === 0;
    assert.ok(
      await this.network.runUntil(empty, 600_000),
      `${about}: ${this.open.size} connections, ${this.network.timers.count} timers are left: ` +
        [...this.open].map((pc) => pc.connectionState).join(),
    );
    await turns();
    for (const forget of this.#forget.splice(0)) forget();
    assert.deepEqual(this.faults, [], about);
    assert.equal(this.pending, 0, `${about}: promises are pending`);
    const sockets = [this.server, ...this.hosts].map(({ openSockets }) => openSockets);
    assert.deepEqual(sockets, sockets.map(() => 0), `${about}: sockets`);
  }
}

test(`clients come and go for ${soakHours} hours, and leave nothing behind (seed ${soakSeed})`, async () => {
  const party = new Party(soakSeed);
  const stranger = party.network.createHost("10.0.9.9");
  const port = internAddress("10.0.0.1", PORT)!;
  const minutes = Math.ceil(soakHours * 60);
  let echoes = 0;
  for (let minute = 1; minute <= minutes; minute++) {
    for (let i = 0; i < ARRIVALS_PER_MINUTE; i++) {
      party.later(party.chance.below(60_000), () => party.arrive());
    }
    await party.network.advance(58_000);
    const answers = await flood(stranger, port, 100, party.chance);
    assert.equal(answers, 0, "a stranger gets no answer");
    if (minute % 20 !== 0 && minute !== minutes) continue;
    await party.checkEmpty(`seed ${soakSeed}, minute ${minute}`);
    assert.ok(party.echoes > echoes, "somebody talked");
    echoes = party.echoes;
  }
});
