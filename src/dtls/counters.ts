/**
 * Why a record was dropped:
 * - `truncated`: the datagram ends before the record does
 * - `bad-version`: not a DTLS version, or not the negotiated one
 * - `unknown-type`: a content type that DTLS 1.2 does not have
 * - `wrong-epoch`: an epoch that is over or never began
 * - `bad-length`: longer than RFC 5246 §6.2 allows, or too short to be sealed
 * - `replayed`: its sequence number was seen, or is behind the window
 * - `bad-mac`: not sealed with the peer's key
 * - `unprotected`: a plaintext record after the handshake
 * - `unexpected`: no place for it in the current state
 * - `malformed`: a handshake fragment, alert or ChangeCipherSpec that makes no sense
 * - `no-room`: a bounded buffer was full
 */
export type DropReason =
  | "truncated"
  | "bad-version"
  | "unknown-type"
  | "wrong-epoch"
  | "bad-length"
  | "replayed"
  | "bad-mac"
  | "unprotected"
  | "unexpected"
  | "malformed"
  | "no-room";

/** Running totals of one connection. */
export interface RecordCounters {
  /** Datagrams handed out. */
  packetsSent: number;
  /** Datagrams taken in. */
  packetsReceived: number;
  /** Their bytes. */
  bytesSent: number;
  /** Their bytes. */
  bytesReceived: number;
  /** Handshake flights sent for the first time. */
  flightsSent: number;
  /** Handshake flights sent again. */
  flightsRetransmitted: number;
  /** Records dropped, by reason. */
  readonly dropped: { [reason in DropReason]: number };
}

/** All zero. */
export function newCounters(): RecordCounters {
  return {
    packetsSent: 0,
    packetsReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    flightsSent: 0,
    flightsRetransmitted: 0,
    dropped: {
      "truncated": 0,
      "bad-version": 0,
      "unknown-type": 0,
      "wrong-epoch": 0,
      "bad-length": 0,
      "replayed": 0,
      "bad-mac": 0,
      "unprotected": 0,
      "unexpected": 0,
      "malformed": 0,
      "no-room": 0,
    },
  };
}
