/** Two peer connections on virtual time, with signaling that takes its time, too. */
import assert from "node:assert/strict";
import {
  type PeerConnectionOptions,
  type RTCDataChannel,
  type RTCDataChannelInit,
  RTCPeerConnection,
  type RTCStats,
} from "../../src/api/mod.ts";
import { type CryptoProvider, tsCrypto } from "../../src/crypto/mod.ts";
import {
  type LinkConditions,
  type MemoryHost,
  nativeCrypto,
  VirtualNetwork,
} from "../../src/host/mod.ts";

/** Everything beyond this hangs, virtual milliseconds. */
const LIMIT_MS = 600_000;

/** How a {@linkcode Call} is made. */
export interface CallOptions {
  readonly seed: number;
  readonly conditions?: LinkConditions;
  /** Milliseconds that a message of signaling takes (default 20). */
  readonly signalingMs?: number;
  /** IP addresses of the second host. */
  readonly addresses?: readonly string[];
  /** Pure TypeScript, whose signatures are deterministic; by default the fastest. */
  readonly crypto?: CryptoProvider;
  readonly more?: PeerConnectionOptions;
}

/** Two hosts, a connection on each, and what carries descriptions and candidates between them. */
export class Call {
  readonly seed: number;
  readonly network: VirtualNetwork;
  readonly hosts: readonly [MemoryHost, MemoryHost];
  readonly a: RTCPeerConnection;
  readonly b: RTCPeerConnection;
  /** Errors of signaling and of handlers: none is expected. */
  readonly faults: unknown[] = [];
  readonly #about: string;
  readonly #signalingMs: number;

  constructor(options: CallOptions) {
    const { seed, conditions = { delayMs: 10 }, addresses = ["10.0.0.2"] } = options;
    this.seed = seed;
    this.#signalingMs = options.signalingMs ?? 20;
    this.#about = `seed ${seed}, ${JSON.stringify(conditions)}`;
    this.network = new VirtualNetwork({ seed, conditions });
    const crypto = options.crypto ?? nativeCrypto() ?? tsCrypto;
    this.hosts = [
      this.network.createHost("10.0.0.1", { crypto }),
      this.network.createHost(addresses, { crypto }),
    ];
    this.a = new RTCPeerConnection({}, { host: this.hosts[0], ...options.more });
    this.b = new RTCPeerConnection({}, { host: this.hosts[1], ...options.more });
  }

  /** The other connection. */
  other(pc: RTCPeerConnection): RTCPeerConnection {
    return pc === this.a ? this.b : this.a;
  }

  /** Calls `receive` when a message of signaling has arrived. */
  signal(receive: () => Promise<void>): void {
    this.hosts[0].setTimer(
      () => void receive().catch((error) => this.faults.push(error)),
      this.#signalingMs,
    );
  }

  /** Trickles candidates both ways. */
  trickle(): this {
    for (const pc of [this.a, this.b]) {
      pc.onicecandidate = ({ candidate }) =>
        this.signal(() => this.other(pc).addIceCandidate(candidate));
    }
    return this;
  }

  /** Perfect negotiation (webrtc-pc §10.7): `a` is polite. */
  negotiatePerfectly(): this {
    this.trickle();
    for (const pc of [this.a, this.b]) this.#bePerfect(pc, pc === this.a);
    return this;
  }

  #bePerfect(pc: RTCPeerConnection, polite: boolean): void {
    let makingOffer = false, ignoreOffer = false;
    const receive = this.#receivers;
    pc.onicecandidate = ({ candidate }) =>
      this.signal(async () => await receive.get(this.other(pc))!({ candidate }));
    receive.set(pc, async ({ description, candidate }) => {
      if (description === undefined) {
        // A candidate of an offer that was ignored is of no use.
        return await pc.addIceCandidate(candidate).catch((error) => {
          if (!ignoreOffer) throw error;
        });
      }
      ignoreOffer = description.type === "offer" && !polite &&
        (makingOffer || pc.signalingState !== "stable");
      if (ignoreOffer) return;
      await pc.setRemoteDescription(description);
      if (description.type !== "offer") return;
      await pc.setLocalDescription();
      this.#describe(pc);
    });
    pc.onnegotiationneeded = async () => {
      try {
        makingOffer = true;
        await pc.setLocalDescription();
        this.#describe(pc);
      } catch (error) {
        this.faults.push(error);
      } finally {
        makingOffer = false;
      }
    };
  }

  #describe(pc: RTCPeerConnection): void {
    const description = pc.localDescription!;
    this.signal(async () => await this.#receivers.get(this.other(pc))!({ description }));
  }

  readonly #receivers = new Map<
    RTCPeerConnection,
    (message: {
      description?: { type: RTCSdp; sdp: string };
      candidate?: Parameters<RTCPeerConnection["addIceCandidate"]>[0];
    }) => Promise<void>
  >();

  /** One offer of `from`, and the answer to it. */
  async exchange(from: RTCPeerConnection = this.a): Promise<void> {
    const to = this.other(from);
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription!);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription!);
  }

  /** A channel from `from`, both ends of it, as soon as both are open. */
  async open(
    label: string,
    init: RTCDataChannelInit = {},
    from: RTCPeerConnection = this.a,
  ): Promise<[RTCDataChannel, RTCDataChannel]> {
    const near = from.createDataChannel(label, init);
    let far: RTCDataChannel | undefined;
    const listener = ({ channel }: { channel: RTCDataChannel }): void => {
      if (channel.label === label) far = channel;
    };
    this.other(from).addEventListener("datachannel", listener);
    await this.until(() => near.readyState === "open" && far?.readyState === "open", label);
    this.other(from).removeEventListener("datachannel", listener);
    return [near, far!];
  }

  /** Negotiates and opens a first channel. */
  async connect(from: RTCPeerConnection = this.a): Promise<[RTCDataChannel, RTCDataChannel]> {
    this.trickle();
    const opened = this.open("first", {}, from);
    await this.exchange(from);
    return await opened;
  }

  /** Runs until `condition` holds. */
  async until(condition: () => boolean, what: string, limitMs: number = LIMIT_MS): Promise<void> {
    await turns();
    const reached = await this.network.runUntil(
      () => this.faults.length > 0 || condition(),
      limitMs,
    );
    if (this.faults.length > 0) throw this.faults[0];
    assert.ok(reached, `${what} did not happen (${this.#about})`);
  }

  /** One object of the statistics. */
  async stats(pc: RTCPeerConnection, type: string): Promise<RTCStats & Record<string, unknown>> {
    for (const stats of (await pc.getStats()).values()) {
      if (stats.type === type) return stats as RTCStats & Record<string, unknown>;
    }
    throw new Error(`no ${type}`);
  }

  /** `message` with what it takes to run this again. */
  about(message: string): string {
    return `${message} (${this.#about})`;
  }

  /** Closes both and checks that nothing is left. */
  async end(): Promise<void> {
    this.a.close();
    this.b.close();
    await turns();
    assert.deepEqual(this.hosts.map((host) => host.openSockets), [0, 0], this.about("sockets"));
    await this.network.advance(60_000);
    assert.equal(this.network.timers.count, 0, this.about("timers"));
    assert.deepEqual(this.faults, []);
  }
}

type RTCSdp = "offer" | "answer" | "pranswer" | "rollback";

/** Lets queued tasks run, and those that they queue. */
export async function turns(count = 30): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
