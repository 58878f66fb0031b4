import { Buffer } from "node:buffer";
import {
  type BenchChannel,
  type BenchStack,
  type W3cChannel,
  w3cChannel,
  w3cPeer,
} from "./stack.ts";

/** werift, a WebRTC stack in TypeScript. */
export function weriftStack(werift: WeriftModule): BenchStack {
  return {
    name: "werift",
    peer: (send) =>
      w3cPeer(
        new werift.RTCPeerConnection({
          iceServers: [],
          iceUseIpv6: false,
          iceInterfaceAddresses: { udp4: "127.0.0.1" },
          iceAdditionalHostAddresses: ["127.0.0.1"],
        }),
        send,
        weriftChannel,
      ),
    cleanup: () => {},
  };
}

/** What is used of the package. */
export interface WeriftModule {
  /** Its W3C class. */
  RTCPeerConnection: new (configuration: object) => unknown;
}

/** Its "bufferedamountlow" is an event of its own kind, and `send` wants a `Buffer`. */
function weriftChannel(channel: W3cChannel): BenchChannel {
  const { bufferedAmountLow } = channel as unknown as {
    bufferedAmountLow: { subscribe(callback: () => void): void };
  };
  return {
    ...w3cChannel(channel),
    onLow(threshold, callback) {
      channel.bufferedAmountLowThreshold = threshold;
      bufferedAmountLow.subscribe(callback);
    },
    send: (data) => channel.send(Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  };
}
