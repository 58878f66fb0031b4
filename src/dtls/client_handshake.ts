/**
 * The client's side of a DTLS 1.2 handshake (RFC 6347 §4.2.4, figure 1):
 *
 * ```text
 * flight 1   ClientHello                    -->
 * flight 2                                  <--  HelloVerifyRequest *
 * flight 3   ClientHello with cookie *      -->
 * flight 4                                  <--  ServerHello, Certificate, ServerKeyExchange,
 *                                                CertificateRequest, ServerHelloDone
 * flight 5   Certificate, ClientKeyExchange,
 *            CertificateVerify,
 *            [ChangeCipherSpec], Finished   -->
 * flight 6                                  <--  [ChangeCipherSpec], Finished        * if asked for
 * ```
 */
import { EMPTY } from "../base/mod.ts";
import {
  CERTIFICATE_TYPE_ECDSA_SIGN,
  CERTIFICATE_TYPE_RSA_SIGN,
  parseCertificateRequest,
} from "./certificate_request.ts";
import { writeCertificateVerify } from "./certificate_verify.ts";
import { type ClientHello, writeClientHello } from "./client_hello.ts";
import { writeClientKeyExchange } from "./client_key_exchange.ts";
import { clientExtensions, readServerHello } from "./hello_negotiation.ts";
import {
  addCertificate,
  addMessage,
  deriveKeys,
  finishedBody,
  helloRandom,
  type Keys,
  requireFinished,
  requireType,
} from "./handshake_common.ts";
import { refuse } from "./handshake_failure.ts";
import { HANDSHAKE } from "./handshake_header.ts";
import type { HandshakeMachine, HandshakePort, HandshakeSettings } from "./handshake_port.ts";
import { parseHelloVerifyRequest } from "./hello_verify_request.ts";
import type { NamedGroup } from "./named_groups.ts";
import { acceptCertificate, type PeerCertificate, requireSignature } from "./peer_certificate.ts";
import type { HandshakeMessage } from "./reassembler.ts";
import { VERSION_DTLS_1_2 } from "./record.ts";
import { parseServerHello } from "./server_hello.ts";
import { parseServerKeyExchange, serverKeyExchangeContent } from "./server_key_exchange.ts";
import type { Agreement } from "./session.ts";
import { chooseScheme, type SchemeEntry } from "./signature_schemes.ts";
import { Transcript } from "./transcript.ts";

/**
 * HelloVerifyRequests we answer. One is normal, another comes when the server changed its secret;
 * more are a loop.
 */
const MAX_COOKIES = 3;

/** The server's ephemeral share, proven to be its own. */
interface ServerShare {
  readonly group: NamedGroup;
  readonly publicKey: Uint8Array;
}

/** Named by the message that is awaited. */
type State =
  | { readonly name: "idle" }
  | { readonly name: "server-hello"; readonly hello: ClientHello; readonly cookies: number }
  | { readonly name: "certificate"; readonly agreement: Agreement }
  | {
    readonly name: "server-key-exchange";
    readonly agreement: Agreement;
    readonly certificate: PeerCertificate;
  }
  | {
    readonly name: "certificate-request";
    readonly agreement: Agreement;
    readonly share: ServerShare;
  }
  | {
    readonly name: "server-hello-done";
    readonly agreement: Agreement;
    readonly share: ServerShare;
    readonly scheme: SchemeEntry;
  }
  | { readonly name: "finished"; readonly agreement: Agreement; readonly keys: Keys }
  | { readonly name: "done" };

/** See the drawing at the head of this file. */
export class ClientHandshake implements HandshakeMachine {
  readonly #settings: HandshakeSettings;
  readonly #port: HandshakePort;
  readonly #transcript: Transcript = new Transcript();
  #state: State = { name: "idle" };

  constructor(settings: HandshakeSettings, port: HandshakePort) {
    this.#settings = settings;
    this.#port = port;
  }

  get awaitsFinished(): boolean {
    return this.#state.name === "finished";
  }

  get awaitsChangeCipherSpec(): boolean {
    return this.awaitsFinished;
  }

  start(): void {
    const hello: ClientHello = {
      version: VERSION_DTLS_1_2,
      random: helloRandom(this.#settings),
      // RFC 5246 §7.4.1.2: nothing to resume.
      sessionId: EMPTY,
      cookie: EMPTY,
      cipherSuites: this.#settings.cipherSuites.map((suite) => suite.id),
      compressionMethods: Uint8Array.of(0),
      extensions: clientExtensions(this.#settings),
    };
    this.#sendHello(hello, 0);
  }

  handleMessage(message: HandshakeMessage): void {
    const { type } = message;
    // RFC 5246 §7.4.1.1: ignored while negotiating, and no part of the transcript.
    if (type === HANDSHAKE.hello_request) return;
    const state = this.#state;
    switch (state.name) {
      case "server-hello":
        if (type === HANDSHAKE.hello_verify_request) {
          return this.#onHelloVerifyRequest(state.hello, state.cookies, message);
        }
        requireType(message, HANDSHAKE.server_hello);
        return this.#onServerHello(state.hello, message);
      case "certificate":
        requireType(message, HANDSHAKE.certificate);
        return this.#onCertificate(state.agreement, message);
      case "server-key-exchange":
        requireType(message, HANDSHAKE.server_key_exchange);
        return this.#onServerKeyExchange(state.agreement, state.certificate, message);
      case "certificate-request":
        if (type === HANDSHAKE.server_hello_done) {
          // RFC 8122 §6.2: both sides present certificates, so the server asks for the client's. One
          // that does not would not know whom it talks to.
          refuse("handshake_failure", "the server does not authenticate its client");
        }
        requireType(message, HANDSHAKE.certificate_request);
        return this.#onCertificateRequest(state.agreement, state.share, message);
      case "server-hello-done":
        requireType(message, HANDSHAKE.server_hello_done);
        return this.#onServerHelloDone(state.agreement, state.share, state.scheme, message);
      case "finished":
        requireType(message, HANDSHAKE.finished);
        return this.#onFinished(state.agreement, state.keys, message);
      default:
        refuse("unexpected_message", "a handshake message out of place");
    }
  }

  dispose(): void {
    if (this.#state.name === "finished") this.#state.keys.session.dispose();
    this.#state = { name: "done" };
    this.#transcript.clear();
  }

  #sendHello(hello: ClientHello, cookies: number): void {
    const port = this.#port;
    port.beginFlight();
    this.#transcript.clear();
    this.#add(HANDSHAKE.client_hello, 1024, (out, at) => writeClientHello(hello, out, at));
    port.sendFlight("until-answered");
    this.#state = { name: "server-hello", hello, cookies };
  }

  /** RFC 6347 §4.2.1: the same hello again, with the cookie; the first one never happened. */
  #onHelloVerifyRequest(hello: ClientHello, cookies: number, message: HandshakeMessage): void {
    const request = parseHelloVerifyRequest(message.body);
    if (request === undefined) refuse("decode_error", "malformed HelloVerifyRequest");
    if (cookies >= MAX_COOKIES) refuse("unexpected_message", "too many HelloVerifyRequests");
    this.#sendHello({ ...hello, cookie: request.cookie }, cookies + 1);
  }

  #onServerHello(hello: ClientHello, message: HandshakeMessage): void {
    const answer = parseServerHello(message.body);
    if (answer === undefined) refuse("decode_error", "malformed ServerHello");
    const agreement = readServerHello(this.#settings, hello, answer);
    this.#transcript.append(message.raw);
    this.#state = { name: "certificate", agreement };
  }

  #onCertificate(agreement: Agreement, message: HandshakeMessage): void {
    const certificate = acceptCertificate(this.#settings, this.#port, message.body);
    // RFC 8422 §2: the suite says what kind of key the server signs with.
    if (certificate.authentication !== agreement.suite.authentication) {
      refuse("unsupported_certificate", "the certificate's key does not fit the cipher suite");
    }
    this.#transcript.append(message.raw);
    this.#state = { name: "server-key-exchange", agreement, certificate };
  }

  #onServerKeyExchange(
    agreement: Agreement,
    certificate: PeerCertificate,
    message: HandshakeMessage,
  ): void {
    const exchange = parseServerKeyExchange(message.body);
    if (exchange === undefined) refuse("decode_error", "malformed ServerKeyExchange");
    const group = this.#settings.groups.find((entry) => entry.id === exchange.group);
    if (group === undefined) refuse("illegal_parameter", "a group that was not offered");
    const content = serverKeyExchangeContent(
      agreement.clientRandom,
      agreement.serverRandom,
      exchange.group,
      exchange.publicKey,
    );
    requireSignature(
      this.#settings,
      certificate,
      exchange.scheme,
      content,
      exchange.signature,
    );
    this.#transcript.append(message.raw);
    const share = { group, publicKey: exchange.publicKey };
    this.#state = { name: "certificate-request", agreement, share };
  }

  #onCertificateRequest(
    agreement: Agreement,
    share: ServerShare,
    message: HandshakeMessage,
  ): void {
    const request = parseCertificateRequest(message.body);
    if (request === undefined) refuse("decode_error", "malformed CertificateRequest");
    const { algorithm } = this.#settings.certificate.privateKey;
    const scheme = chooseScheme(algorithm, request.signatureSchemes);
    const type = algorithm === "ecdsa-p256"
      ? CERTIFICATE_TYPE_ECDSA_SIGN
      : CERTIFICATE_TYPE_RSA_SIGN;
    if (scheme === undefined || !request.certificateTypes.includes(type)) {
      refuse("handshake_failure", "the server takes no certificate of our kind");
    }
    this.#transcript.append(message.raw);
    this.#state = { name: "server-hello-done", agreement, share, scheme };
  }

  /** Flight 5. */
  #onServerHelloDone(
    agreement: Agreement,
    share: ServerShare,
    scheme: SchemeEntry,
    message: HandshakeMessage,
  ): void {
    if (message.body.length !== 0) refuse("decode_error", "malformed ServerHelloDone");
    const settings = this.#settings;
    const port = this.#port;
    const transcript = this.#transcript;
    const { privateKey } = settings.certificate;
    transcript.append(message.raw);
    const ours = settings.crypto.createKeyAgreement(share.group.curve, settings.entropy);

    port.beginFlight();
    addCertificate(settings, port, transcript);
    this.#add(
      HANDSHAKE.client_key_exchange,
      256,
      (out, at) => writeClientKeyExchange(ours.publicKey, out, at),
    );
    const keys = deriveKeys(
      settings,
      agreement,
      share.group,
      ours,
      share.publicKey,
      transcript,
    );
    const signature = privateKey.sign(scheme.scheme, transcript.bytes());
    this.#add(
      HANDSHAKE.certificate_verify,
      signature.length + 4,
      (out, at) => writeCertificateVerify({ scheme: scheme.id, signature }, out, at),
    );
    port.addChangeCipherSpec(keys.client);
    const finished = finishedBody(settings, agreement, keys.session, "client", transcript);
    transcript.append(port.addMessage(HANDSHAKE.finished, finished));
    port.setReadProtection(keys.server);
    port.sendFlight("until-answered");
    this.#state = { name: "finished", agreement, keys };
  }

  #add(type: number, capacity: number, write: (out: Uint8Array, at: number) => number): void {
    addMessage(this.#port, this.#transcript, type, capacity, write);
  }

  #onFinished(agreement: Agreement, keys: Keys, message: HandshakeMessage): void {
    const { session } = keys;
    const expected = finishedBody(
      this.#settings,
      agreement,
      session,
      "server",
      this.#transcript,
    );
    requireFinished(expected, message.body);
    this.#state = { name: "done" };
    this.#transcript.clear();
    this.#port.finish(session);
  }
}
