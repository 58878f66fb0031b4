import { RTCPeerConnection } from "../../mod.ts";
import { type BenchStack, w3cPeer } from "./stack.ts";

/** Sterna, from this checkout. */
export function sternaStack(): BenchStack {
  return {
    name: "sterna",
    peer: (send) => w3cPeer(new RTCPeerConnection({}, { udp: { addresses: ["127.0.0.1"] } }), send),
    cleanup: () => {},
  };
}
