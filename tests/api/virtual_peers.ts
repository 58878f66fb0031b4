/** Peer connections of two hosts on virtual time. */
import assert from "node:assert/strict";
import {
  type PeerConnectionOptions,
  type RTCConfiguration,
  type RTCDataChannel,
  RTCPeerConnection,
} from "../../src/api/mod.ts";
import { TaskQueue } from "../../src/api/task_queue.ts";
import { type LinkConditions, type MemoryHost, VirtualNetwork } from "../../src/host/mod.ts";

export interface Peers {
  readonly network: VirtualNetwork;
  readonly hosts: readonly [MemoryHost, MemoryHost];
  readonly a: RTCPeerConnection;
  readonly b: RTCPeerConnection;
  /** Runs until `condition` holds, or fails. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Closes both and checks that nothing is left open. */
  end(): void;
}

const LIMIT_MS = 60_000;

/** Two connections that trickle candidates to each other. */
export function peers(
  options: {
    seed?: number;
    conditions?: LinkConditions;
    configuration?: RTCConfiguration;
    trickle?: boolean;
    more?: PeerConnectionOptions;
  } = {},
): Peers {
  const network = new VirtualNetwork({
    seed: options.seed ?? 1,
    conditions: { delayMs: 10, ...options.conditions },
  });
  const hosts = [network.createHost("10.0.0.1"), network.createHost("10.0.0.2")] as const;
  const [a, b] = hosts.map((host) =>
    new RTCPeerConnection(options.configuration, { host, ...options.more })
  ) as [RTCPeerConnection, RTCPeerConnection];
  if (options.trickle ?? true) {
    a.onicecandidate = ({ candidate }) => void b.addIceCandidate(candidate).catch(() => {});
    b.onicecandidate = ({ candidate }) => void a.addIceCandidate(candidate).catch(() => {});
  }
  return {
    network,
    hosts,
    a,
    b,
    async until(condition, what) {
      await turns();
      assert.ok(await network.runUntil(condition, LIMIT_MS), `${what} did not happen`);
      await turns();
    },
    end() {
      a.close();
      b.close();
      assert.deepEqual(hosts.map((host) => host.openSockets), [0, 0]);
    },
  };
}

/** Lets queued tasks run, and those that they queue. */
export async function turns(count = 30): Promise<void> {
  const queue = new TaskQueue();
  for (let i = 0; i < count; i++) await queue.turn();
}

/** One offer of `from` and the answer to it. */
export async function exchange(from: RTCPeerConnection, to: RTCPeerConnection): Promise<void> {
  await from.setLocalDescription();
  await to.setRemoteDescription(from.localDescription!);
  await to.setLocalDescription();
  await from.setRemoteDescription(to.localDescription!);
}

/** Connected peers with one channel, both ends of it. */
export async function connected(
  options?: Parameters<typeof peers>[0],
  init?: Parameters<RTCPeerConnection["createDataChannel"]>[1],
): Promise<Peers & { near: RTCDataChannel; far: RTCDataChannel }> {
  const all = peers(options);
  const near = all.a.createDataChannel("channel", init);
  let far: RTCDataChannel | undefined;
  all.b.addEventListener("datachannel", ({ channel }) => far = channel, { once: true });
  await exchange(all.a, all.b);
  await all.until(() => near.readyState === "open" && far?.readyState === "open", "opening");
  return { ...all, near, far: far! };
}

/** Everything that is fired at an object, by name, from now on. */
export function record(
  target: EventTarget,
  types: readonly string[],
  log: string[] = [],
): string[] {
  for (const type of types) target.addEventListener(type, () => log.push(type));
  return log;
}

/** All plain events of a connection. */
export const CONNECTION_EVENTS: readonly string[] = [
  "negotiationneeded",
  "icecandidate",
  "signalingstatechange",
  "iceconnectionstatechange",
  "icegatheringstatechange",
  "connectionstatechange",
  "datachannel",
];
