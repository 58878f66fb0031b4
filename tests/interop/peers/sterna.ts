import { RTCPeerConnection } from "../../../mod.ts";
import { type AnyConnection, W3cAgent } from "../agents/w3c/agent.ts";
import { Peer } from "../peer.ts";

/** Sterna in this process. */
export function sternaPeer(): Peer {
  const peer = new Peer("sterna");
  const create = (): AnyConnection => new RTCPeerConnection() as unknown as AnyConnection;
  const agent = new W3cAgent({ create }, (notice) => peer.receive(notice));
  return peer.attach({
    send: (request) => void agent.handle(request).then((reply) => peer.receive(reply)),
    close: () => Promise.resolve(agent.closeAll()),
  });
}
