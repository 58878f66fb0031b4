/**
 * What a datagram is, by its first byte (RFC 7983 §7, RFC 9443 §3):
 *
 * ```
 *            +----------------+
 *            |        [0..3] -+--> STUN
 *            |      [16..19] -+--> ZRTP
 * packet --> |      [20..63] -+--> DTLS
 *            |      [64..79] -+--> TURN channel (QUIC where no TURN is used)
 *            |    [128..191] -+--> RTP/RTCP
 *            +----------------+
 * ```
 */
export type PacketKind = "stun" | "dtls" | "turn-channel" | "rtp" | "unknown";

/** Classifies a datagram; an empty one is `"unknown"`. */
export function packetKind(datagram: Uint8Array): PacketKind {
  const first = datagram.length > 0 ? datagram[0]! : 255;
  if (first <= 3) return "stun";
  if (first >= 20 && first <= 63) return "dtls";
  if (first >= 64 && first <= 79) return "turn-channel";
  if (first >= 128 && first <= 191) return "rtp";
  return "unknown";
}

/** The second byte of RTCP packets: their types (RFC 5761 §4), which RTP's marker and type avoid. */
const FIRST_CONTROL_TYPE = 192;
const LAST_CONTROL_TYPE = 223;

/** Whether a datagram of kind `"rtp"` is RTCP or SRTCP; RFC 5761 §4 keeps the two apart on one port. */
export function isControlPacket(datagram: Uint8Array): boolean {
  const type = datagram.length > 1 ? datagram[1]! : 0;
  return type >= FIRST_CONTROL_TYPE && type <= LAST_CONTROL_TYPE;
}
