/**
 * The server's side of a DTLS 1.2 handshake; the drawing is in `client_handshake.ts`.
 */
import { EMPTY } from "../base/mod.ts";
import type { KeyAgreement } from "../crypto/mod.ts";
import {
  CERTIFICATE_TYPE_ECDSA_SIGN,
  CERTIFICATE_TYPE_RSA_SIGN,
  writeCertificateRequest,
} from "./certificate_request.ts";
import { parseCertificateVerify } from "./certificate_verify.ts";
import { type ClientHello, parseClientHello } from "./client_hello.ts";
import { parseClientKeyExchange } from "./client_key_exchange.ts";
import { cookieFits, makeCookie } from "./cookies.ts";
import { readClientHello, type ServerChoice, serverExtensions } from "./hello_negotiation.ts";
import {
  addCertificate,
  addMessage,
  deriveKeys,
  encode,
  finishedBody,
  helloRandom,
  type Keys,
  requireFinished,
  requireType,
} from "./handshake_common.ts";
import { refuse } from "./handshake_failure.ts";
import { HANDSHAKE } from "./handshake_header.ts";
import type { HandshakeMachine, HandshakePort, HandshakeSettings } from "./handshake_port.ts";
import { writeHelloVerifyRequest } from "./hello_verify_request.ts";
import type { NamedGroup } from "./named_groups.ts";
import { acceptCertificate, type PeerCertificate, requireSignature } from "./peer_certificate.ts";
import type { HandshakeMessage } from "./reassembler.ts";
import { VERSION_DTLS_1_0, VERSION_DTLS_1_2 } from "./record.ts";
import { writeServerHello } from "./server_hello.ts";
import { serverKeyExchangeContent, writeServerKeyExchange } from "./server_key_exchange.ts";
import type { Agreement } from "./session.ts";
import { SIGNATURE_SCHEMES } from "./signature_schemes.ts";
import { Transcript } from "./transcript.ts";

/** Our ephemeral share. */
interface OwnShare {
  readonly group: NamedGroup;
  readonly agreement: KeyAgreement;
}

/** Named by the message that is awaited. */
type State =
  | { readonly name: "client-hello" }
  | { readonly name: "certificate"; readonly agreement: Agreement; readonly share: OwnShare }
  | {
    readonly name: "client-key-exchange";
    readonly agreement: Agreement;
    readonly share: OwnShare;
    readonly certificate: PeerCertificate;
  }
  | {
    readonly name: "certificate-verify";
    readonly agreement: Agreement;
    readonly certificate: PeerCertificate;
    readonly keys: Keys;
  }
  | { readonly name: "finished"; readonly agreement: Agreement; readonly keys: Keys }
  | { readonly name: "done" };

/** See the drawing in `client_handshake.ts`. */
export class ServerHandshake implements HandshakeMachine {
  readonly #settings: HandshakeSettings;
  readonly #port: HandshakePort;
  readonly #transcript: Transcript = new Transcript();
  #state: State = { name: "client-hello" };

  constructor(settings: HandshakeSettings, port: HandshakePort) {
    this.#settings = settings;
    this.#port = port;
  }

  get awaitsFinished(): boolean {
    return this.#state.name === "finished";
  }

  get awaitsChangeCipherSpec(): boolean {
    return this.#state.name !== "client-hello" && this.#state.name !== "done";
  }

  /** A server waits. */
  start(): void {}

  handleMessage(message: HandshakeMessage): void {
    const state = this.#state;
    switch (state.name) {
      case "client-hello":
        requireType(message, HANDSHAKE.client_hello);
        return this.#onClientHello(message);
      case "certificate":
        requireType(message, HANDSHAKE.certificate);
        return this.#onCertificate(state.agreement, state.share, message);
      case "client-key-exchange":
        requireType(message, HANDSHAKE.client_key_exchange);
        return this.#onClientKeyExchange(
          state.agreement,
          state.share,
          state.certificate,
          message,
        );
      case "certificate-verify":
        requireType(message, HANDSHAKE.certificate_verify);
        return this.#onCertificateVerify(
          state.agreement,
          state.certificate,
          state.keys,
          message,
        );
      case "finished":
        requireType(message, HANDSHAKE.finished);
        return this.#onFinished(state.agreement, state.keys, message);
      default:
        refuse("unexpected_message", "a handshake message out of place");
    }
  }

  dispose(): void {
    const state = this.#state;
    if (state.name === "certificate-verify" || state.name === "finished") {
      state.keys.session.dispose();
      state.keys.server.dispose();
    }
    this.#state = { name: "done" };
    this.#transcript.clear();
  }

  #onClientHello(message: HandshakeMessage): void {
    const hello = parseClientHello(message.body);
    if (hello === undefined) refuse("decode_error", "malformed ClientHello");
    const { crypto, cookies } = this.#settings;
    if (cookies !== undefined && !cookieFits(crypto, cookies, hello)) {
      return this.#sendHelloVerifyRequest(makeCookie(crypto, cookies, hello));
    }
    const choice = readClientHello(this.#settings, hello);
    this.#transcript.append(message.raw);
    this.#sendServerFlight(hello, choice);
  }

  /** Flight 2. RFC 6347 §4.2.1: with version 1.0 whatever is negotiated later. */
  #sendHelloVerifyRequest(cookie: Uint8Array): void {
    const port = this.#port;
    const request = { version: VERSION_DTLS_1_0, cookie };
    port.beginFlight();
    port.addMessage(
      HANDSHAKE.hello_verify_request,
      encode(300, (out, at) => writeHelloVerifyRequest(request, out, at)),
    );
    port.sendFlight("on-request");
  }

  /** Flight 4. */
  #sendServerFlight(hello: ClientHello, choice: ServerChoice): void {
    const settings = this.#settings;
    const agreement: Agreement = {
      suite: choice.suite,
      clientRandom: hello.random.slice(),
      serverRandom: helloRandom(settings),
      srtpProfile: choice.srtpProfile,
    };
    const share = {
      group: choice.group,
      agreement: settings.crypto.createKeyAgreement(choice.group.curve, settings.entropy),
    };
    this.#port.beginFlight();
    const answer = {
      version: VERSION_DTLS_1_2,
      random: agreement.serverRandom,
      // RFC 5246 §7.4.1.3: an empty id, the session cannot be resumed.
      sessionId: EMPTY,
      cipherSuite: choice.suite.id,
      compressionMethod: 0,
      extensions: serverExtensions(hello, choice),
    };
    this.#add(HANDSHAKE.server_hello, 256, (out, at) => writeServerHello(answer, out, at));
    addCertificate(settings, this.#port, this.#transcript);
    this.#addServerKeyExchange(agreement, share, choice);
    const request = {
      certificateTypes: Uint8Array.of(CERTIFICATE_TYPE_ECDSA_SIGN, CERTIFICATE_TYPE_RSA_SIGN),
      signatureSchemes: SIGNATURE_SCHEMES.map((entry) => entry.id),
    };
    this.#add(
      HANDSHAKE.certificate_request,
      64,
      (out, at) => writeCertificateRequest(request, out, at),
    );
    this.#add(HANDSHAKE.server_hello_done, 0, (_, at) => at);
    this.#port.sendFlight("until-answered");
    this.#state = { name: "certificate", agreement, share };
  }

  #addServerKeyExchange(agreement: Agreement, share: OwnShare, choice: ServerChoice): void {
    const { publicKey } = share.agreement;
    const { clientRandom, serverRandom } = agreement;
    const group = share.group.id;
    const content = serverKeyExchangeContent(clientRandom, serverRandom, group, publicKey);
    const signature = this.#settings.certificate.privateKey.sign(choice.scheme.scheme, content);
    const message = { group, publicKey, scheme: choice.scheme.id, signature };
    this.#add(
      HANDSHAKE.server_key_exchange,
      signature.length + publicKey.length + 8,
      (out, at) => writeServerKeyExchange(message, out, at),
    );
  }

  #add(type: number, capacity: number, write: (out: Uint8Array, at: number) => number): void {
    addMessage(this.#port, this.#transcript, type, capacity, write);
  }

  #onCertificate(agreement: Agreement, share: OwnShare, message: HandshakeMessage): void {
    const certificate = acceptCertificate(this.#settings, this.#port, message.body);
    this.#transcript.append(message.raw);
    this.#state = { name: "client-key-exchange", agreement, share, certificate };
  }

  #onClientKeyExchange(
    agreement: Agreement,
    share: OwnShare,
    certificate: PeerCertificate,
    message: HandshakeMessage,
  ): void {
    const publicKey = parseClientKeyExchange(message.body);
    if (publicKey === undefined) refuse("decode_error", "malformed ClientKeyExchange");
    this.#transcript.append(message.raw);
    const keys = deriveKeys(
      this.#settings,
      agreement,
      share.group,
      share.agreement,
      publicKey,
      this.#transcript,
    );
    this.#port.setReadProtection(keys.client);
    this.#state = { name: "certificate-verify", agreement, certificate, keys };
  }

  /** RFC 5246 §7.4.8: the client owns the key of the certificate it showed. */
  #onCertificateVerify(
    agreement: Agreement,
    certificate: PeerCertificate,
    keys: Keys,
    message: HandshakeMessage,
  ): void {
    const verify = parseCertificateVerify(message.body);
    if (verify === undefined) refuse("decode_error", "malformed CertificateVerify");
    const content = this.#transcript.bytes();
    requireSignature(this.#settings, certificate, verify.scheme, content, verify.signature);
    this.#transcript.append(message.raw);
    this.#state = { name: "finished", agreement, keys };
  }

  /** Flight 6. */
  #onFinished(agreement: Agreement, keys: Keys, message: HandshakeMessage): void {
    const settings = this.#settings;
    const transcript = this.#transcript;
    const { session } = keys;
    requireFinished(
      finishedBody(settings, agreement, session, "client", transcript),
      message.body,
    );
    transcript.append(message.raw);
    const port = this.#port;
    port.beginFlight();
    port.addChangeCipherSpec(keys.server);
    port.addMessage(
      HANDSHAKE.finished,
      finishedBody(settings, agreement, session, "server", transcript),
    );
    port.sendFlight("on-request");
    this.#state = { name: "done" };
    transcript.clear();
    port.finish(session);
  }
}
