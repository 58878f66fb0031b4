/**
 * The face that every stack under test wears in the benchmarks, and the adapter for those that have
 * the W3C API.
 *
 * @module
 */

/** One message of the signaling between the two processes; plain JSON. */
export type Signal = { type: string; [key: string]: unknown };

/** A data channel under test. */
export interface BenchChannel {
  /** Called once the channel is open, or at once when it is. */
  onOpen(callback: () => void): void;
  /** Called with the size of each message, in bytes. */
  onMessage(callback: (bytes: number) => void): void;
  /** Called when the buffered amount falls to `threshold`. */
  onLow(threshold: number, callback: () => void): void;
  /** Sends one binary message. */
  send(data: Uint8Array): void;
  /** Bytes that wait in the sender. */
  bufferedAmount(): number;
}

/** A connection under test. */
export interface BenchPeer {
  /** Takes a signal of the other process. */
  signal(signal: Signal): void;
  /** Opens a channel, which begins the negotiation. */
  open(label: string, init: { ordered: boolean }): BenchChannel;
  /** Called with each channel of the other side. */
  onChannel(callback: (channel: BenchChannel) => void): void;
  /** Ends the connection. */
  close(): void;
}

/** A stack under test. */
export interface BenchStack {
  /** Its name in the tables. */
  readonly name: string;
  /** Makes a connection whose candidates are on loopback. */
  peer(send: (signal: Signal) => void): BenchPeer;
  /** Lets go of what the stack keeps beside its connections. */
  cleanup(): void;
}

/** What is used of an `RTCDataChannel`. */
export interface W3cChannel {
  readyState: string;
  binaryType: string;
  bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  onopen: unknown;
  onmessage: unknown;
  onbufferedamountlow: unknown;
  send(data: Uint8Array): void;
}

interface W3cConnection {
  onicecandidate: unknown;
  ondatachannel: unknown;
  createDataChannel(label: string, init: object): W3cChannel;
  createOffer(): Promise<unknown>;
  createAnswer(): Promise<unknown>;
  setLocalDescription(description: unknown): Promise<unknown>;
  setRemoteDescription(description: unknown): Promise<unknown>;
  addIceCandidate(candidate: unknown): Promise<unknown>;
  readonly localDescription: { type: string; sdp: string } | null | undefined;
  close(): unknown;
}

/** Adapts anything with the W3C face. */
export function w3cPeer(
  connection: unknown,
  send: (signal: Signal) => void,
  adapt: (channel: W3cChannel) => BenchChannel = w3cChannel,
): BenchPeer {
  const pc = connection as W3cConnection;
  const waiting: unknown[] = [];
  let remoteSet = false;
  pc.onicecandidate = ({ candidate }: { candidate?: { toJSON?(): unknown } | null }) => {
    if (candidate) send({ type: "candidate", candidate: candidate.toJSON?.() ?? candidate });
  };
  const sendLocal = () => {
    const { type, sdp } = pc.localDescription!;
    send({ type, sdp });
  };
  const setRemote = async (signal: Signal) => {
    await pc.setRemoteDescription({ type: signal.type, sdp: signal.sdp });
    remoteSet = true;
    if (signal.type === "offer") {
      await pc.setLocalDescription(await pc.createAnswer());
      sendLocal();
    }
    for (const candidate of waiting.splice(0)) await pc.addIceCandidate(candidate);
  };
  return {
    signal(signal) {
      if (signal.type !== "candidate") void setRemote(signal);
      else if (remoteSet) void pc.addIceCandidate(signal.candidate);
      else waiting.push(signal.candidate);
    },
    open(label, init) {
      const channel = pc.createDataChannel(label, init);
      void (async () => {
        await pc.setLocalDescription(await pc.createOffer());
        sendLocal();
      })();
      return adapt(channel);
    },
    onChannel(callback) {
      pc.ondatachannel = (event: { channel: W3cChannel }) => callback(adapt(event.channel));
    },
    close() {
      void pc.close();
    },
  };
}

/** Adapts a W3C channel. */
export function w3cChannel(channel: W3cChannel): BenchChannel {
  channel.binaryType = "arraybuffer";
  return {
    onOpen(callback) {
      if (channel.readyState === "open") callback();
      else channel.onopen = callback;
    },
    onMessage(callback) {
      channel.onmessage = (event: { data: { byteLength?: number; length?: number } }) =>
        callback(event.data.byteLength ?? event.data.length ?? 0);
    },
    onLow(threshold, callback) {
      channel.bufferedAmountLowThreshold = threshold;
      channel.onbufferedamountlow = callback;
    },
    send: (data) => channel.send(data),
    bufferedAmount: () => channel.bufferedAmount,
  };
}
