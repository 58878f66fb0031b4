/** Names of scenarios that some stacks cannot take part in. */

/** The answerer offers. */
export const ANSWERER_OFFERS = "another offer of the answerer changes nothing";
/** The offerer restarts ICE. */
export const RESTART = "ICE restart by the offerer while data flows (RFC 8445 §9)";
/** The answerer restarts ICE. */
export const ANSWERER_RESTARTS = "ICE restart by the answerer while data flows (RFC 8445 §9)";
/** The foreign stack offers audio and video. */
export const REJECTED_MEDIA =
  "an offer with audio and video gets data, and its media rejected (RFC 9429 §5.3.1)";
