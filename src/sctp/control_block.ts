import type { ControlBlock } from "./association_state.ts";
import type { Core } from "./core.ts";
import { RECEIVE_BUFFER_BYTES, STREAMS } from "./options.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";
import type { StateCookie } from "./state_cookie.ts";
import { StreamReset } from "./stream_reset.ts";

/** What INIT, INIT ACK or a cookie tell of both sides. */
export type PeerParameters = Omit<StateCookie, "issuedAt" | "localTieTag" | "peerTieTag">;

/** Makes the halves of an association, for what both sides support. */
export function createControlBlock(core: Core, peer: PeerParameters): ControlBlock {
  const own = core.ownExtensions;
  const extensions = {
    partialReliability: peer.extensions.partialReliability,
    reConfig: peer.extensions.reConfig,
    interleaving: own.interleaving && peer.extensions.interleaving,
    zeroChecksum: own.zeroChecksum && peer.extensions.zeroChecksum,
    padding: own.padding && peer.extensions.padding,
  };
  const { interleaving } = extensions;
  const sender = new Sender(
    {
      initialTsn: peer.localTsn,
      peerWindow: peer.peerWindow,
      interleaving,
      partialReliability: extensions.partialReliability,
      mtu: core.mtu.current,
    },
    core.queue,
    core.timers,
  );
  const { maxMessageSize, receiveBufferBytes, initialNumbers } = core.options;
  const first = initialNumbers?.message ?? 0;
  const receiver = new Receiver(
    {
      initialTsn: peer.peerTsn,
      interleaving,
      inboundStreams: Math.min(peer.peerOutboundStreams, STREAMS),
      maxMessageSize: maxMessageSize > 0 ? maxMessageSize : Infinity,
      bufferBytes: receiveBufferBytes ?? RECEIVE_BUFFER_BYTES,
      firstNumber: interleaving ? first : first & 0xffff,
    },
    core.events,
    core.timers,
  );
  const reset = new StreamReset(
    peer.localTsn,
    peer.peerTsn,
    extensions.reConfig,
    core.queue,
    sender,
    receiver,
    core.events,
    core.timers,
  );
  return {
    localTag: peer.localTag,
    peerTag: peer.peerTag,
    outboundStreams: Math.min(peer.peerInboundStreams, STREAMS),
    extensions,
    sender,
    receiver,
    reset,
  };
}
