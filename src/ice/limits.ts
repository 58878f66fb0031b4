/** RFC 8445 §6.1.2.5: the most pairs in a checklist; the recommended default. */
export const MAX_PAIRS = 100;

/**
 * Remote candidates of one session. Browsers offer fewer than twenty (interfaces times families times
 * types); peer-reflexive ones count too, and only a peer that knows the password makes them.
 */
export const MAX_REMOTE_CANDIDATES = 64;

/**
 * Checks kept that came before the remote parameters did (RFC 8445 §7.3). Each stands for one remote
 * address; a peer sends from as many as it has candidates.
 */
export const MAX_EARLY_CHECKS = 16;

/**
 * Consent requests whose responses still count. One is sent each second while none is answered; what
 * takes longer than eight seconds tells nothing about the path any more.
 */
export const CONSENT_WINDOW = 8;

/** RFC 8445 §5.3: lengths of username fragment and password, characters. */
export const MIN_UFRAG_LENGTH = 4;
/** RFC 8445 §5.3: at least 128 bits of randomness, in characters of six bits. */
export const MIN_PASSWORD_LENGTH = 22;
/** RFC 8839 §5.4: the longest of either. */
export const MAX_CREDENTIAL_LENGTH = 256;
/** RFC 8489 §14.3: USERNAME, both fragments and a colon, is shorter than 509 bytes. */
export const MAX_USERNAME_LENGTH = 508;

/**
 * How often a check that is out is started anew because the peer checked the same pair
 * (RFC 8445 §7.3.1.4). Each leaves a transaction behind for up to 39.5 s.
 */
export const MAX_RETRIGGERS = 8;

/**
 * Local candidates of one session. Hosts gather a few per interface; a peer that lies about what
 * address it saw would make a peer-reflexive one with every response.
 */
export const MAX_LOCAL_CANDIDATES = 64;
