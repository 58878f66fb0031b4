/** Counters and gauges of an association, for `RTCSctpTransportStats` and for people. */
export interface SctpStats {
  /** Congestion window, bytes. */
  readonly congestionWindow: number;
  /** The peer's receive window as it last told, less what is in flight, bytes. */
  readonly receiverWindow: number;
  /** Our receive window, bytes. */
  readonly localWindow: number;
  /** Largest packet in use, bytes. */
  readonly mtu: number;
  /** DATA chunks that the peer has not acknowledged. */
  readonly unackData: number;
  /** Bytes in flight, chunk headers included. */
  readonly bytesInFlight: number;
  /** Bytes queued and not sent as yet. */
  readonly bufferedBytes: number;
  /** Smoothed round-trip time, milliseconds; `undefined` before the first measurement. */
  readonly smoothedRoundTripTimeMs: number | undefined;
  /** Retransmission timeout, milliseconds. */
  readonly rtoMs: number;
  /** Packets written. */
  readonly packetsSent: number;
  /** Packets handed in. */
  readonly packetsReceived: number;
  /** User messages queued by the owner. */
  readonly messagesSent: number;
  /** User messages delivered to the owner. */
  readonly messagesReceived: number;
  /** DATA chunks sent again. */
  readonly retransmissions: number;
  /** Messages given up (RFC 3758). */
  readonly abandonedMessages: number;
  /** Whether both sides send without checksum (RFC 9653). */
  readonly zeroChecksum: boolean;
  /** Whether I-DATA is in use (RFC 8260). */
  readonly interleaving: boolean;
  /** What was dropped, by reason. */
  readonly drops: Readonly<SctpDrops>;
}

/** Received packets and chunks that were dropped, by reason. */
export interface SctpDrops {
  /** Packets with wrong ports, or too short for a header and a chunk. */
  malformed: number;
  /** Packets with a wrong checksum. */
  checksum: number;
  /** Packets with a verification tag that is not ours (RFC 9260 §8.5). */
  tag: number;
  /** Packets that belong to no association (RFC 9260 §8.4). */
  outOfTheBlue: number;
  /** Chunks whose fields contradict themselves or the state. */
  chunk: number;
  /** Cookies that we did not issue, or that are out of date. */
  cookie: number;
  /** DATA chunks that had arrived before. */
  duplicate: number;
  /** DATA chunks beyond the receive window. */
  window: number;
  /** SACKs that acknowledge what was never sent. */
  sack: number;
}

/** All zero. */
export function createDrops(): SctpDrops {
  return {
    malformed: 0,
    checksum: 0,
    tag: 0,
    outOfTheBlue: 0,
    chunk: 0,
    cookie: 0,
    duplicate: 0,
    window: 0,
    sack: 0,
  };
}
