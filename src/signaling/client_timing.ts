/** How patient a client is. */

/** First wait before connecting again, milliseconds; doubles up to the last. */
const RETRY_FIRST_MS = 300;
const RETRY_LAST_MS = 15_000;
/** A connection that held so long was a good one: the next wait is a first one, milliseconds. */
export const STABLE_MS = 5000;
/** A way to the server over which it has not answered by then is none, milliseconds. */
export const ANSWER_MS = 8000;
/**
 * Silence, in heartbeats of the server, after which the connection counts as lost: soon enough to
 * resume a session that the server has known to be without a connection all the while. An error costs
 * one round trip.
 */
export const SILENT_BEATS = 1.25;
/** Tokens that are fetched in a row before a refusal is believed. */
export const MAX_TOKENS = 2;
/** POST requests that may fail in a row before the connection counts as lost. */
export const MAX_FAILED_POSTS = 3;
/** Longest message before the server has said its limit, bytes: what servers take by default. */
export const MESSAGE_BYTES: number = 128 * 1024;

/** The wait before the attempt after `retries` others, milliseconds; `random` is 0 to 1. */
export function retryDelay(retries: number, random: number): number {
  return Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** retries) * (0.5 + random / 2);
}
