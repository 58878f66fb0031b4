/** An SRTP protection profile (RFC 5764 §4.1.2, RFC 7714 §14.2). */
export type SrtpProfile =
  | "SRTP_AEAD_AES_256_GCM"
  | "SRTP_AEAD_AES_128_GCM"
  | "SRTP_AES128_CM_HMAC_SHA1_80"
  | "SRTP_AES128_CM_HMAC_SHA1_32";
