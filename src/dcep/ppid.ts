/** Payload protocol identifiers of data channels (RFC 8831 §8, registered by IANA). */
export const PPID = {
  /** WebRTC DCEP: the messages of RFC 8832. */
  dcep: 50,
  /** WebRTC String: UTF-8 text of at least one byte. */
  string: 51,
  /** WebRTC Binary: at least one byte. */
  binary: 53,
  /** WebRTC String Empty: one zero byte that stands for the empty text. */
  stringEmpty: 56,
  /** WebRTC Binary Empty: one zero byte that stands for no bytes. */
  binaryEmpty: 57,
} as const;
