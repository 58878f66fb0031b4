/** Outcomes of SRTP: the column `RTP_STATUS` of a row. Ciphers give the first three, sessions all. */

/** Status: the authentication tag is wrong. */
export const SRTP_REFUSED = 0;
/** Status: protected, or authentic and decrypted. */
export const SRTP_OK = 1;
/** Status: no RTP or RTCP packet of version 2, or lengths in it that leave it (RFC 3550 appendix A.1). */
export const SRTP_MALFORMED = 2;
/** Status: a packet of this index was there before (RFC 3711 §3.3.2). */
export const SRTP_REPLAYED = 3;
/** Status: the index lies before the replay window (RFC 3711 §3.3.2). */
export const SRTP_TOO_OLD = 4;
/** Status: a new source, and as many as allowed are known already. */
export const SRTP_SOURCE_LIMIT = 5;
/** Status: the indices of this source under this key are used up (RFC 3711 §9.2). */
export const SRTP_EXHAUSTED = 6;
