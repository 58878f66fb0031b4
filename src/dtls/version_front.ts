/**
 * Which version of DTLS a connection speaks, and thereby which handshake machine runs in it. A new
 * version is one more entry of {@linkcode VERSIONS}; records and flights below are shared.
 */
import { ClientHandshake } from "./client_handshake.ts";
import { parseClientHello } from "./client_hello.ts";
import { refuse } from "./handshake_failure.ts";
import { HANDSHAKE } from "./handshake_header.ts";
import type { HandshakeMachine, HandshakePort, HandshakeSettings } from "./handshake_port.ts";
import { offersVersion } from "./hello_negotiation.ts";
import type { HandshakeMessage } from "./reassembler.ts";
import { VERSION_DTLS_1_2 } from "./record.ts";
import { ServerHandshake } from "./server_handshake.ts";

/** A version and its handshakes. */
interface ProtocolVersion {
  /** On the wire; smaller is newer (RFC 6347 §4.1). */
  readonly wire: number;
  readonly client: new (settings: HandshakeSettings, port: HandshakePort) => HandshakeMachine;
  readonly server: new (settings: HandshakeSettings, port: HandshakePort) => HandshakeMachine;
}

/** Newest first. */
const VERSIONS: readonly ProtocolVersion[] = [
  { wire: VERSION_DTLS_1_2, client: ClientHandshake, server: ServerHandshake },
];

/** The client leads with the newest version. */
export function clientMachine(settings: HandshakeSettings, port: HandshakePort): HandshakeMachine {
  return new VERSIONS[0]!.client(settings, port);
}

/**
 * The server's machine for the version that this first message asks for.
 *
 * @throws {HandshakeFailure} when there is none
 */
export function serverMachine(
  settings: HandshakeSettings,
  port: HandshakePort,
  message: HandshakeMessage,
): HandshakeMachine {
  if (message.type !== HANDSHAKE.client_hello) {
    refuse("unexpected_message", "a handshake begins with a ClientHello");
  }
  const hello = parseClientHello(message.body);
  if (hello === undefined) refuse("decode_error", "malformed ClientHello");
  const version = VERSIONS.find((entry) => offersVersion(hello, entry.wire));
  if (version === undefined) refuse("protocol_version", "no DTLS version in common");
  return new version.server(settings, port);
}
