import type { Peer } from "./peer.ts";
import type { Candidate, ChannelFacts, ChannelInit, Description } from "./protocol.ts";

/** How descriptions and candidates travel. */
export interface Signaling {
  /** Candidates one by one, or all inside of the descriptions. */
  readonly trickle: boolean;
  /** Whether the offer starts ICE anew (RFC 8445 §9). */
  readonly restart?: boolean;
}

/** One end of a connection between two stacks. */
export class End {
  readonly peer: Peer;
  readonly pc: string;
  /** The last description that this end made. */
  description: Description | undefined;
  #held: Candidate[] | undefined = [];
  #to: End | undefined;
  readonly #errors: Error[];

  constructor(peer: Peer, pc: string, errors: Error[]) {
    this.peer = peer;
    this.pc = pc;
    this.#errors = errors;
    peer.onCandidate(pc, (candidate) => {
      if (candidate === null || this.#to === undefined) return;
      if (this.#held !== undefined) this.#held.push(candidate);
      else this.#pass(this.#to, candidate);
    });
  }

  /** Candidates go to that end, but not yet. */
  hold(to: End, trickle: boolean): void {
    this.#to = trickle ? to : undefined;
    this.#held = [];
  }

  /** The other end has the description: candidates may follow. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const candidate of held) if (this.#to) this.#pass(this.#to, candidate);
  }

  #pass(to: End, candidate: Candidate): void {
    to.peer.call("candidate", { pc: to.pc, candidate }).catch((error: Error) => {
      this.#errors.push(error);
    });
  }

  /** Bytes of a message that this end takes (RFC 8841 §6.1): 64 KiB when it says nothing. */
  get maxMessageSize(): number {
    const text = /^a=max-message-size:(\d+)/m.exec(this.description?.sdp ?? "")?.[1];
    if (text === undefined) return 65_536;
    return Number(text) === 0 ? Infinity : Number(text);
  }

  /** The ICE username fragment of the last description. */
  get usernameFragment(): string | undefined {
    return /^a=ice-ufrag:(\S+)/m.exec(this.description?.sdp ?? "")?.[1];
  }
}

const ANY_STATE = ["new", "connecting", "connected", "disconnected", "failed", "closed"];

let nextName = 1;

/** A connection between two stacks; the offerer is `a`. */
export class Link {
  readonly a: End;
  readonly b: End;
  /** What went wrong where nothing waited for it. */
  readonly errors: Error[] = [];

  private constructor(a: Peer, b: Peer) {
    const name = `pc${nextName++}`;
    this.a = new End(a, name, this.errors);
    this.b = new End(b, name, this.errors);
  }

  /** Makes the two connections; nothing is negotiated yet. */
  static async create(a: Peer, b: Peer, media = false): Promise<Link> {
    const link = new Link(a, b);
    await a.call("new", { pc: link.a.pc, media });
    await b.call("new", { pc: link.b.pc });
    return link;
  }

  /** Connects: one offer, one answer, and a first channel that is open at both ends. */
  static async connect(
    a: Peer,
    b: Peer,
    signaling: Signaling = { trickle: true },
  ): Promise<{ link: Link; channel: ChannelPair }> {
    const link = await Link.create(a, b);
    const opening = link.prepare(link.a, "first");
    await link.negotiate(link.a, link.b, signaling);
    try {
      return { link, channel: await (await opening)() };
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}; ${await link.state()}`);
    }
  }

  /** The states of both ends and what went wrong at either, for the report of a failure. */
  async state(): Promise<string> {
    const states = await Promise.all([this.a, this.b].map(async ({ peer, pc }) => {
      const state = await peer.call("state", { pc, until: ANY_STATE }).catch(String);
      return `${peer.name} is ${state}`;
    }));
    return [...states, ...this.errors.map(({ message }) => message)].join("; ");
  }

  /** One offer by `from`, answered by `to`. */
  async negotiate(from: End, to: End, { trickle, restart }: Signaling): Promise<void> {
    from.hold(to, trickle);
    to.hold(from, trickle);
    const offer = await from.peer.call("offer", { pc: from.pc, ...(restart ? { restart } : {}) });
    from.description = trickle ? offer : await from.peer.call("gathered", { pc: from.pc });
    await to.peer.call("remote", { pc: to.pc, description: from.description });
    from.release();
    const answer = await to.peer.call("answer", { pc: to.pc });
    to.description = trickle ? answer : await to.peer.call("gathered", { pc: to.pc });
    await from.peer.call("remote", { pc: from.pc, description: to.description });
    to.release();
  }

  /** Makes a channel at one end; the function that comes back waits until it is open at both. */
  async prepare(
    from: End,
    label: string,
    init: ChannelInit = {},
  ): Promise<() => Promise<ChannelPair>> {
    const to = from === this.a ? this.b : this.a;
    const name = `ch${nextName++}`;
    await from.peer.call("channel", { pc: from.pc, ch: name, label, init });
    if (init.negotiated) await to.peer.call("channel", { pc: to.pc, ch: name, label, init });
    return async () => {
      if (!init.negotiated) await to.peer.call("incoming", { pc: to.pc, ch: name, label });
      const [here, there] = await Promise.all([
        from.peer.call("opened", { ch: name }),
        to.peer.call("opened", { ch: name }),
      ]);
      return { ch: name, from, to, here, there };
    };
  }

  /** Makes a channel at one end and waits until it is open at both. */
  async open(from: End, label: string, init: ChannelInit = {}): Promise<ChannelPair> {
    return await (await this.prepare(from, label, init))();
  }

  /** Closes a channel at one end and waits until it is closed at both. */
  async closeChannel({ ch }: ChannelPair, closer: End): Promise<void> {
    await closer.peer.call("closeChannel", { ch });
    await Promise.all([this.a, this.b].map(({ peer }) => peer.call("closed", { ch })));
  }

  /** Closes both ends. */
  async close(): Promise<void> {
    await Promise.all([this.a, this.b].map(({ peer, pc }) => peer.call("close", { pc })));
    if (this.errors.length > 0) throw this.errors[0];
  }
}

/** A channel that is open at both ends. */
export interface ChannelPair {
  /** Its name in the commands, at either end. */
  readonly ch: string;
  /** Who made it. */
  readonly from: End;
  readonly to: End;
  /** What its maker says of it, and what the other end says. */
  readonly here: ChannelFacts;
  readonly there: ChannelFacts;
}
