import { type BenchStack, w3cPeer } from "./stack.ts";

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
      ),
    cleanup: () => {},
  };
}

/** What is used of the package. */
export interface WeriftModule {
  /** Its W3C class. */
  RTCPeerConnection: new (configuration: object) => unknown;
}
