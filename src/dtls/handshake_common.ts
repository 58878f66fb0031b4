import { constantTimeEqual, randomBytes } from "../base/mod.ts";
import type { KeyAgreement } from "../crypto/mod.ts";
import { writeCertificateMessage } from "./certificate_message.ts";
import { RANDOM_BYTES } from "./client_hello.ts";
import { refuse } from "./handshake_failure.ts";
import { HANDSHAKE } from "./handshake_header.ts";
import type { HandshakePort, HandshakeSettings } from "./handshake_port.ts";
import { extendedMasterSecret, trafficKeys, verifyData } from "./key_schedule.ts";
import type { NamedGroup } from "./named_groups.ts";
import type { HandshakeMessage } from "./reassembler.ts";
import { VERSION_DTLS_1_2 } from "./record.ts";
import { RecordProtection } from "./record_protection.ts";
import { type Agreement, Dtls12Session } from "./session.ts";
import type { Transcript } from "./transcript.ts";

/**
 * A hello's random. RFC 5246 §7.4.1.2 puts the time into the first four bytes; all are random here,
 * as everyone does since: the time is nobody's business, and machines have no clock.
 */
export function helloRandom(settings: HandshakeSettings): Uint8Array {
  return randomBytes(settings.entropy, RANDOM_BYTES);
}

/** Runs a writer over a fresh buffer of `capacity` bytes. */
export function encode(
  capacity: number,
  write: (out: Uint8Array, at: number) => number,
): Uint8Array {
  const out = new Uint8Array(capacity);
  return out.subarray(0, write(out, 0));
}

/** Adds a message of at most `capacity` bytes to our flight and to the transcript. */
export function addMessage(
  port: HandshakePort,
  transcript: Transcript,
  type: number,
  capacity: number,
  write: (out: Uint8Array, at: number) => number,
): void {
  transcript.append(port.addMessage(type, encode(capacity, write)));
}

/** Adds the Certificate message with our own certificate, in either role (RFC 5246 §7.4.2, §7.4.6). */
export function addCertificate(
  settings: HandshakeSettings,
  port: HandshakePort,
  transcript: Transcript,
): void {
  const { der } = settings.certificate;
  const write = (out: Uint8Array, at: number): number => writeCertificateMessage([der], out, at);
  addMessage(port, transcript, HANDSHAKE.certificate, der.length + 6, write);
}

/** The secrets of both directions and the session that they belong to. */
export interface Keys {
  /** Master secret and exporter. */
  readonly session: Dtls12Session;
  /** Records of the client. */
  readonly client: RecordProtection;
  /** Records of the server. */
  readonly server: RecordProtection;
}

/**
 * From the peer's share to the keys: key agreement (RFC 8422 §5.10), extended master secret over the
 * transcript up to ClientKeyExchange (RFC 7627 §4), key block (RFC 5246 §6.3). What is no longer
 * needed is wiped.
 */
export function deriveKeys(
  settings: HandshakeSettings,
  agreement: Agreement,
  group: NamedGroup,
  ours: KeyAgreement,
  peerPublicKey: Uint8Array,
  transcript: Transcript,
): Keys {
  const { crypto } = settings;
  const { suite, clientRandom, serverRandom } = agreement;
  const preMasterSecret = ours.deriveSecret(peerPublicKey);
  // RFC 8422 §5.11: a point off the curve or an all-zero secret ends the handshake.
  if (preMasterSecret === undefined) refuse("illegal_parameter", "the peer's share is invalid");
  const sessionHash = crypto.hash(suite.hash, transcript.bytes());
  const masterSecret = extendedMasterSecret(crypto, suite, preMasterSecret, sessionHash);
  preMasterSecret.fill(0);
  const keys = trafficKeys(crypto, suite, masterSecret, clientRandom, serverRandom);
  const client = new RecordProtection(crypto, suite, keys.client);
  const server = new RecordProtection(crypto, suite, keys.server);
  for (const { key, iv } of [keys.client, keys.server]) {
    key.fill(0);
    iv.fill(0);
  }
  const session = new Dtls12Session(crypto, VERSION_DTLS_1_2, agreement, group, masterSecret);
  return { session, client, server };
}

/** What the Finished message of `sender` holds, or must hold, now. */
export function finishedBody(
  settings: HandshakeSettings,
  agreement: Agreement,
  session: Dtls12Session,
  sender: "client" | "server",
  transcript: Transcript,
): Uint8Array {
  const { crypto } = settings;
  const hash = crypto.hash(agreement.suite.hash, transcript.bytes());
  return verifyData(crypto, agreement.suite, session.masterSecret, sender, hash);
}

/** RFC 5246 §7.4: messages come in the order of the handshake, or it ends here. */
export function requireType(message: HandshakeMessage, type: number): void {
  if (message.type !== type) {
    refuse("unexpected_message", `handshake message ${message.type} instead of ${type}`);
  }
}

/** RFC 5246 §7.4.9: the peer saw the same handshake and has the same secret, or it ends here. */
export function requireFinished(expected: Uint8Array, body: Uint8Array): void {
  if (!constantTimeEqual(expected, body)) refuse("decrypt_error", "wrong Finished");
}
