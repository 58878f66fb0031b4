/** Connections of this runtime over loopback. */
import {
  type PeerConnectionOptions,
  type RTCDataChannel,
  RTCPeerConnection,
} from "../../src/api/mod.ts";

/** Loopback only. */
export const LOOPBACK: PeerConnectionOptions = {
  udp: { addresses: ["127.0.0.1"], includeLoopback: true },
};

/** Trickles candidates both ways; what comes late is of no interest. */
export function trickle(a: RTCPeerConnection, b: RTCPeerConnection): void {
  a.onicecandidate = ({ candidate }) => void b.addIceCandidate(candidate).catch(() => {});
  b.onicecandidate = ({ candidate }) => void a.addIceCandidate(candidate).catch(() => {});
}

/** One offer of `a`, and the answer to it. */
export async function exchange(a: RTCPeerConnection, b: RTCPeerConnection): Promise<void> {
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription!);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription!);
}

/** Fulfils with the next event of this type. */
export function next<T extends Event>(target: EventTarget, type: string): Promise<T> {
  return new Promise((resolve) =>
    target.addEventListener(type, (event) => resolve(event as T), { once: true })
  );
}

/** Two connected peers of this process. */
export async function connectedPair(
  options: PeerConnectionOptions = LOOPBACK,
): Promise<{
  a: RTCPeerConnection;
  b: RTCPeerConnection;
  near: RTCDataChannel;
  far: RTCDataChannel;
}> {
  const a = new RTCPeerConnection({}, LOOPBACK);
  const b = new RTCPeerConnection({}, options);
  trickle(a, b);
  const near = a.createDataChannel("pair");
  const opened = next(near, "open");
  const arrived = next<Event & { channel: RTCDataChannel }>(b, "datachannel");
  await exchange(a, b);
  const { channel: far } = await arrived;
  await opened;
  return { a, b, near, far };
}
