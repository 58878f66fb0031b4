/**
 * Obeys the commands of the scenarios with anything that has the W3C API: a browser's own
 * connection, Sterna, and other stacks for Node.
 *
 * Only handlers (`onopen`, not `addEventListener`) are used, and waiting looks again now and then:
 * not every stack fires every event.
 *
 * @module
 */
import { addToDigest, contents, crc32, pattern } from "../../pattern.ts";
import type {
  Candidate,
  CandidateNotice,
  ChannelFacts,
  ChannelInit,
  Description,
  Digest,
  Message,
  Op,
  Operations,
  Received,
  Reply,
  Request,
} from "../../protocol.ts";

type Args<K extends Op> = Operations[K][0];

/** The part of RTCDataChannel that is used. */
export interface AnyChannel {
  readonly id: number | null;
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | null;
  readonly maxPacketLifeTime: number | null;
  readonly readyState: string;
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  binaryType: string;
  onopen: unknown;
  onclose: unknown;
  onmessage: unknown;
  onbufferedamountlow: unknown;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** The part of RTCPeerConnection that is used. */
export interface AnyConnection {
  readonly connectionState: string;
  readonly iceGatheringState: string;
  readonly localDescription: { readonly type: string; readonly sdp: string } | null;
  onicecandidate: unknown;
  ondatachannel: unknown;
  onconnectionstatechange: unknown;
  onicegatheringstatechange: unknown;
  addTransceiver(kind: string): unknown;
  createDataChannel(label: string, init?: ChannelInit): AnyChannel;
  createOffer(options?: { iceRestart?: boolean }): Promise<unknown>;
  createAnswer(): Promise<unknown>;
  setLocalDescription(description: unknown): Promise<unknown>;
  setRemoteDescription(description: unknown): Promise<unknown>;
  addIceCandidate(candidate: unknown): Promise<unknown>;
  close(): unknown;
}

/** What a stack needs that others do not. */
export interface Stack {
  /** Makes a connection. */
  create(): AnyConnection;
  /** Turns bytes into what `send` takes, where that is not a Uint8Array. */
  wrap?(data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** What it says for a limit that is not set, where that is not `null`. */
  readonly unset?: number;
}

/** While waiting, how often to look without having been told, milliseconds. */
const LOOK_MS = 20;
/** Bulk transfers keep between these two amounts buffered, bytes. */
const BUFFER_HIGH = 1_048_576;
const BUFFER_LOW = 262_144;

interface Channel {
  readonly channel: AnyChannel;
  readonly received: Received[];
}

interface Connection {
  readonly pc: AnyConnection;
  readonly incoming: Channel[];
}

/** One stack under command. */
export class W3cAgent {
  readonly #stack: Stack;
  readonly #notify: (notice: CandidateNotice) => void;
  readonly #connections = new Map<string, Connection>();
  readonly #channels = new Map<string, Channel>();
  /** Called whenever something may have changed. */
  readonly #waiters = new Set<() => void>();

  constructor(stack: Stack, notify: (notice: CandidateNotice) => void) {
    this.#stack = stack;
    this.#notify = notify;
  }

  /** Carries out one command. Never rejects. */
  async handle(request: Request): Promise<Reply> {
    const { id } = request;
    try {
      return { id, result: await this.#run(request) ?? null };
    } catch (error) {
      return {
        id,
        error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      };
    }
  }

  /** Closes every connection that is left. */
  closeAll(): void {
    for (const { pc } of this.#connections.values()) pc.close();
    this.#connections.clear();
    this.#channels.clear();
  }

  #run({ op, args, limitMs }: Request): unknown {
    const operation = this.#operations[op] as (args: unknown, limitMs: number) => unknown;
    return operation(args, limitMs);
  }

  readonly #operations: { readonly [K in Op]: (args: Args<K>, limitMs: number) => unknown } = {
    new: (args) => this.#new(args),
    channel: (args) => this.#channel(args),
    offer: (args) => this.#offer(args),
    answer: (args) => this.#answer(args),
    remote: ({ pc, description }) =>
      this.#pc(pc).setRemoteDescription(description).then(() => null),
    gathered: (args, limitMs) => this.#gathered(args, limitMs),
    candidate: ({ pc, candidate }) => this.#pc(pc).addIceCandidate(candidate).then(() => null),
    incoming: (args, limitMs) => this.#incoming(args, limitMs),
    opened: (args, limitMs) => this.#opened(args, limitMs),
    send: (args) => this.#send(args),
    receive: (args, limitMs) => this.#receive(args, limitMs),
    bulkSend: (args, limitMs) => this.#bulkSend(args, limitMs),
    bulkReceive: (args, limitMs) => this.#bulkReceive(args, limitMs),
    closeChannel: ({ ch }) => this.#ch(ch).channel.close(),
    closed: (args, limitMs) => this.#closed(args, limitMs),
    state: (args, limitMs) => this.#state(args, limitMs),
    close: (args) => this.#close(args),
  };

  #new({ pc: name, media }: Args<"new">): void {
    const pc = this.#stack.create();
    const connection: Connection = { pc, incoming: [] };
    this.#connections.set(name, connection);
    pc.onicecandidate = ({ candidate }: { candidate?: (Candidate & Jsonable) | null }) => {
      const plain = candidate ? candidate.toJSON?.() ?? candidate : null;
      this.#notify({ event: "candidate", pc: name, candidate: plain as Candidate | null });
      this.#look();
    };
    pc.ondatachannel = ({ channel }: { channel: AnyChannel }) => {
      connection.incoming.push(this.#watch(channel));
      this.#look();
    };
    pc.onconnectionstatechange = () => this.#look();
    pc.onicegatheringstatechange = () => this.#look();
    if (media) {
      pc.addTransceiver("audio");
      pc.addTransceiver("video");
    }
  }

  #channel({ pc, ch, label, init }: Args<"channel">): void {
    const channel = this.#pc(pc).createDataChannel(label, init);
    this.#channels.set(ch, this.#watch(channel));
  }

  #watch(channel: AnyChannel): Channel {
    const watched: Channel = { channel, received: [] };
    channel.binaryType = "arraybuffer";
    channel.onopen = () => this.#look();
    channel.onclose = () => this.#look();
    channel.onmessage = ({ data }: { data: unknown }) => {
      watched.received.push(describe(data));
      this.#look();
    };
    return watched;
  }

  async #offer({ pc: name, restart }: Args<"offer">): Promise<Description> {
    const pc = this.#pc(name);
    const offer = await pc.createOffer(restart ? { iceRestart: true } : {});
    await pc.setLocalDescription(offer);
    return localOf(pc);
  }

  async #answer({ pc: name }: Args<"answer">): Promise<Description> {
    const pc = this.#pc(name);
    await pc.setLocalDescription(await pc.createAnswer());
    return localOf(pc);
  }

  async #gathered({ pc: name }: Args<"gathered">, limitMs: number): Promise<Description> {
    const pc = this.#pc(name);
    const state = (): string => `gathering is ${pc.iceGatheringState}`;
    await this.#until(() => pc.iceGatheringState === "complete", state, limitMs);
    return localOf(pc);
  }

  async #incoming({ pc, ch, label }: Args<"incoming">, limitMs: number): Promise<void> {
    const { incoming } = this.#connection(pc);
    const find = (): Channel | undefined => incoming.find(({ channel }) => channel.label === label);
    const state = (): string =>
      `channels came: ${incoming.map(({ channel }) => JSON.stringify(channel.label))}`;
    await this.#until(() => find() !== undefined, state, limitMs);
    const found = find()!;
    incoming.splice(incoming.indexOf(found), 1);
    this.#channels.set(ch, found);
  }

  async #opened({ ch }: Args<"opened">, limitMs: number): Promise<ChannelFacts> {
    const { channel } = this.#ch(ch);
    const state = (): string => `the channel is ${channel.readyState}`;
    await this.#until(() => channel.readyState === "open", state, limitMs);
    const { label, protocol, ordered } = channel;
    const limit = (value: number | null | undefined): number | null =>
      value === undefined || value === this.#stack.unset ? null : value;
    return {
      id: channel.id ?? -1,
      label,
      protocol,
      ordered,
      maxRetransmits: limit(channel.maxRetransmits),
      maxPacketLifeTime: limit(channel.maxPacketLifeTime),
    };
  }

  #send({ ch, message, times = 1 }: Args<"send">): void {
    const { channel } = this.#ch(ch);
    const data = this.#contents(message);
    for (let left = times; left > 0; left--) channel.send(data);
  }

  #contents(message: Message): string | Uint8Array<ArrayBuffer> {
    const data = contents(message);
    return typeof data === "string" ? data : this.#stack.wrap?.(data) ?? data;
  }

  async #receive({ ch, count }: Args<"receive">, limitMs: number): Promise<Received[]> {
    const { channel, received } = this.#ch(ch);
    const state = (): string =>
      `${received.length} of ${count} messages came, the channel is ${channel.readyState}`;
    await this.#until(() => received.length >= count, state, limitMs);
    return received.splice(0, count);
  }

  async #bulkSend({ ch, count, size }: Args<"bulkSend">, limitMs: number): Promise<Digest> {
    const { channel } = this.#ch(ch);
    channel.bufferedAmountLowThreshold = BUFFER_LOW;
    channel.onbufferedamountlow = () => this.#look();
    // 256 different messages; building each anew would be the longer part of the transfer.
    const cycle: { data: Uint8Array<ArrayBuffer>; crc: number }[] = [];
    const state = (): string => `${channel.bufferedAmount} bytes stay buffered`;
    let digest = 0;
    for (let index = 0; index < count; index++) {
      if (channel.bufferedAmount > BUFFER_HIGH) {
        await this.#until(() => channel.bufferedAmount <= BUFFER_LOW, state, limitMs);
      }
      if (cycle.length <= index && index < 256) {
        const data = pattern(size, index);
        cycle.push({ data: this.#stack.wrap?.(data) ?? data, crc: crc32(data) });
      }
      const { data, crc } = cycle[index & 255]!;
      channel.send(data);
      digest = addToDigest(digest, crc);
    }
    return { bytes: count * size, digest };
  }

  async #bulkReceive(args: Args<"bulkReceive">, limitMs: number): Promise<Digest> {
    let bytes = 0, digest = 0;
    for (const { size, crc } of await this.#receive(args, limitMs)) {
      bytes += size;
      digest = addToDigest(digest, crc);
    }
    return { bytes, digest };
  }

  async #closed({ ch }: Args<"closed">, limitMs: number): Promise<void> {
    const { channel } = this.#ch(ch);
    const state = (): string => `the channel is ${channel.readyState}`;
    await this.#until(() => channel.readyState === "closed", state, limitMs);
    this.#channels.delete(ch);
  }

  async #state({ pc: name, until }: Args<"state">, limitMs: number): Promise<string> {
    const pc = this.#pc(name);
    const state = (): string => `the connection is ${pc.connectionState}`;
    await this.#until(() => until.includes(pc.connectionState), state, limitMs);
    return pc.connectionState;
  }

  async #close({ pc }: Args<"close">): Promise<void> {
    await this.#pc(pc).close();
    this.#connections.delete(pc);
  }

  #pc(name: string): AnyConnection {
    return this.#connection(name).pc;
  }

  #connection(name: string): Connection {
    const found = this.#connections.get(name);
    if (found === undefined) throw new Error(`no connection ${name}`);
    return found;
  }

  #ch(name: string): Channel {
    const found = this.#channels.get(name);
    if (found === undefined) throw new Error(`no channel ${name}`);
    return found;
  }

  #look(): void {
    for (const waiter of this.#waiters) waiter();
  }

  #until(done: () => boolean, state: () => string, limitMs: number): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (then: () => void): void => {
        clearInterval(interval);
        clearTimeout(limit);
        this.#waiters.delete(look);
        then();
      };
      const look = (): void => {
        if (done()) finish(resolve);
      };
      const interval = setInterval(look, LOOK_MS);
      const limit = setTimeout(() => finish(() => reject(new Error(state()))), limitMs);
      this.#waiters.add(look);
    });
  }
}

interface Jsonable {
  toJSON?(): unknown;
}

function localOf(pc: AnyConnection): Description {
  const { type, sdp } = pc.localDescription!;
  return { type: type as Description["type"], sdp };
}

function describe(data: unknown): Received {
  if (typeof data === "string") {
    const bytes = new TextEncoder().encode(data);
    return { kind: "text", size: bytes.length, crc: crc32(bytes) };
  }
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data as ArrayBuffer);
  return { kind: "binary", size: bytes.length, crc: crc32(bytes) };
}
