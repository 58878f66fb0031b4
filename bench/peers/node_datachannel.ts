import type { BenchChannel, BenchStack } from "./stack.ts";

/** What is used of the package, in its native face. */
export interface NodeDataChannelModule {
  /** Ends its threads. */
  cleanup(): void;
  /** One connection. */
  PeerConnection: new (name: string, configuration: object) => NativeConnection;
}

interface NativeConnection {
  onLocalDescription(callback: (sdp: string, type: string) => void): void;
  onLocalCandidate(callback: (candidate: string, mid: string) => void): void;
  onDataChannel(callback: (channel: NativeChannel) => void): void;
  addRemoteCandidate(candidate: string, mid: string): void;
  setRemoteDescription(sdp: string, type: string): void;
  createDataChannel(label: string, init: object): NativeChannel;
  close(): void;
}

interface NativeChannel {
  isOpen(): boolean;
  onOpen(callback: () => void): void;
  onMessage(callback: (data: string | Uint8Array) => void): void;
  onBufferedAmountLow(callback: () => void): void;
  setBufferedAmountLowThreshold(bytes: number): void;
  bufferedAmount(): number;
  sendMessageBinary(data: Uint8Array): boolean;
}

/** libdatachannel (C++), through the native face of its Node add-on: faster than its W3C one. */
export function nodeDataChannelStack(module: NodeDataChannelModule): BenchStack {
  return {
    name: "node-datachannel",
    cleanup: () => module.cleanup(),
    peer(send) {
      const pc = new module.PeerConnection("bench", {
        iceServers: [],
        bindAddress: "127.0.0.1",
        maxMessageSize: 262_144,
      });
      pc.onLocalDescription((sdp, type) => send({ type, sdp }));
      pc.onLocalCandidate((candidate, mid) => send({ type: "candidate", candidate, mid }));
      return {
        signal(signal) {
          if (signal.type === "candidate") {
            pc.addRemoteCandidate(String(signal.candidate), String(signal.mid));
          } else pc.setRemoteDescription(String(signal.sdp), signal.type);
        },
        open: (label, init) => channelOf(pc.createDataChannel(label, { unordered: !init.ordered })),
        onChannel: (callback) => pc.onDataChannel((channel) => callback(channelOf(channel))),
        close: () => pc.close(),
      };
    },
  };
}

function channelOf(channel: NativeChannel): BenchChannel {
  return {
    onOpen(callback) {
      if (channel.isOpen()) callback();
      else channel.onOpen(callback);
    },
    onMessage: (callback) => channel.onMessage((data) => callback(data.length)),
    onLow(threshold, callback) {
      channel.setBufferedAmountLowThreshold(threshold);
      channel.onBufferedAmountLow(callback);
    },
    send: (data) => void channel.sendMessageBinary(data),
    bufferedAmount: () => channel.bufferedAmount(),
  };
}
