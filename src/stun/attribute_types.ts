/** Attribute types below this one must be understood by the receiver (RFC 8489 §14). */
export const COMPREHENSION_OPTIONAL_FROM = 0x8000;

/**
 * Attribute types by name: RFC 8489 §18.3, RFC 8445 §20.1 (ICE), RFC 8656 §18 (TURN). Types that are
 * not here are read and written by their number.
 */
export const StunAttribute = {
  MAPPED_ADDRESS: 0x0001,
  USERNAME: 0x0006,
  MESSAGE_INTEGRITY: 0x0008,
  ERROR_CODE: 0x0009,
  UNKNOWN_ATTRIBUTES: 0x000a,
  CHANNEL_NUMBER: 0x000c,
  LIFETIME: 0x000d,
  XOR_PEER_ADDRESS: 0x0012,
  DATA: 0x0013,
  REALM: 0x0014,
  NONCE: 0x0015,
  XOR_RELAYED_ADDRESS: 0x0016,
  REQUESTED_ADDRESS_FAMILY: 0x0017,
  EVEN_PORT: 0x0018,
  REQUESTED_TRANSPORT: 0x0019,
  DONT_FRAGMENT: 0x001a,
  MESSAGE_INTEGRITY_SHA256: 0x001c,
  PASSWORD_ALGORITHM: 0x001d,
  USERHASH: 0x001e,
  XOR_MAPPED_ADDRESS: 0x0020,
  RESERVATION_TOKEN: 0x0022,
  PRIORITY: 0x0024,
  USE_CANDIDATE: 0x0025,
  PASSWORD_ALGORITHMS: 0x8002,
  ALTERNATE_DOMAIN: 0x8003,
  SOFTWARE: 0x8022,
  ALTERNATE_SERVER: 0x8023,
  FINGERPRINT: 0x8028,
  ICE_CONTROLLED: 0x8029,
  ICE_CONTROLLING: 0x802a,
} as const;

/**
 * Whether a comprehension-required attribute belongs to STUN itself or to ICE. An agent of another
 * usage (TURN) passes a test of its own to `StunReader.unknownRequired`.
 */
export function isBindingAttribute(type: number): boolean {
  switch (type) {
    case StunAttribute.MAPPED_ADDRESS:
    case StunAttribute.USERNAME:
    case StunAttribute.MESSAGE_INTEGRITY:
    case StunAttribute.ERROR_CODE:
    case StunAttribute.UNKNOWN_ATTRIBUTES:
    case StunAttribute.REALM:
    case StunAttribute.NONCE:
    case StunAttribute.MESSAGE_INTEGRITY_SHA256:
    case StunAttribute.PASSWORD_ALGORITHM:
    case StunAttribute.USERHASH:
    case StunAttribute.XOR_MAPPED_ADDRESS:
    case StunAttribute.PRIORITY:
    case StunAttribute.USE_CANDIDATE:
      return true;
    default:
      return false;
  }
}
