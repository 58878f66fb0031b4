/** Handshake messages that break their syntax, or carry values that were not offered. */
import assert from "node:assert/strict";
import { ALERT, type DtlsErrorEvent } from "../../src/dtls/mod.ts";
import { HANDSHAKE } from "../../src/dtls/handshake_header.ts";
import { test } from "../harness.ts";
import { editMessages } from "./editing.ts";
import { certificate, Pair, type PairOptions } from "./support.ts";

type Side = "client" | "server";
type Edit = (body: Uint8Array) => Uint8Array;

/** Edits the messages of `type` on their way and returns the alert with which they are refused. */
function alertFor(type: number, edit: Edit, options: PairOptions = {}): number | undefined {
  const big = { maxDatagramSize: 8000 };
  const pair = new Pair({
    client: { ...big, ...options.client },
    server: { ...big, ...options.server },
  });
  pair.tap = (datagram) => editMessages(datagram, type, edit);
  pair.start().run(1000);
  const errors = (["client", "server"] as const).map((side: Side) =>
    pair.events[side].find((event): event is DtlsErrorEvent => event.type === "error")
  );
  assert.notEqual(pair.client.state, "connected");
  assert.notEqual(pair.server.state, "connected");
  return errors.find((error) => error?.sentAlert !== undefined)?.sentAlert;
}

const BODIES = [
  "client_hello",
  "server_hello",
  "certificate",
  "server_key_exchange",
  "certificate_request",
  "client_key_exchange",
  "certificate_verify",
] as const;

for (const name of BODIES) {
  test(`A ${name} that is cut or has bytes behind it is a decode_error (RFC 5246 §7.2.2)`, () => {
    const type = HANDSHAKE[name];
    for (const length of [0, 1, 2, 5]) {
      assert.equal(
        alertFor(type, (body) => body.slice(0, length)),
        ALERT.decode_error,
        `${length}`,
      );
    }
    assert.equal(alertFor(type, (body) => body.slice(0, -1)), ALERT.decode_error);
    assert.equal(alertFor(type, (body) => Uint8Array.of(...body, 0)), ALERT.decode_error);
  });
}

test("A ServerHelloDone with a body is a decode_error (RFC 5246 §7.4.5)", () => {
  const edit: Edit = () => Uint8Array.of(1);
  assert.equal(alertFor(HANDSHAKE.server_hello_done, edit), ALERT.decode_error);
});

test("A key exchange on a group that was not offered is an illegal_parameter (RFC 8422 §5.4)", () => {
  const edit: Edit = (body) => (body.set([0, 24], 1), body);
  assert.equal(alertFor(HANDSHAKE.server_key_exchange, edit), ALERT.illegal_parameter);
  // An explicit curve (RFC 8422 §5.4 forbids them) cannot even be read.
  const explicit: Edit = (body) => (body.set([1], 0), body);
  assert.equal(alertFor(HANDSHAKE.server_key_exchange, explicit), ALERT.decode_error);
});

test("A signature scheme that was not offered, or not for this key, is an illegal_parameter (RFC 5246 §7.4.3, §7.4.8)", () => {
  for (const scheme of [0x0203, 0x0201, 0x0401, 0x0804]) {
    const server: Edit = (body) => (body.set([scheme >> 8, scheme & 255], 4 + body[3]!), body);
    assert.equal(alertFor(HANDSHAKE.server_key_exchange, server), ALERT.illegal_parameter);
    const client: Edit = (body) => (body.set([scheme >> 8, scheme & 255]), body);
    assert.equal(alertFor(HANDSHAKE.certificate_verify, client), ALERT.illegal_parameter);
  }
  const rsa = { client: { certificate: certificate("rsa-2048", "client") } };
  const ecdsa: Edit = (body) => (body.set([4, 3]), body);
  assert.equal(alertFor(HANDSHAKE.certificate_verify, ecdsa, rsa), ALERT.illegal_parameter);
});

test("A share that is no point, or gives no secret, is an illegal_parameter (RFC 8422 §5.11)", () => {
  const zero: Edit = (body) => body.fill(0, 1);
  assert.equal(alertFor(HANDSHAKE.client_key_exchange, zero), ALERT.illegal_parameter);
  const p256 = { server: { groups: ["secp256r1"] as const } };
  assert.equal(alertFor(HANDSHAKE.client_key_exchange, zero, p256), ALERT.illegal_parameter);
  const offCurve: Edit = (body) => (body[40]! ^= 1, body);
  assert.equal(alertFor(HANDSHAKE.client_key_exchange, offCurve, p256), ALERT.illegal_parameter);
  const short: Edit = () => Uint8Array.of(1, 9);
  assert.equal(alertFor(HANDSHAKE.client_key_exchange, short), ALERT.illegal_parameter);
});

test("A server's share is not the attacker's to choose (RFC 8422 §5.4)", () => {
  const edit: Edit = (body) => (body[10]! ^= 1, body);
  assert.equal(alertFor(HANDSHAKE.server_key_exchange, edit), ALERT.decrypt_error);
});

test("A CertificateRequest for other kinds of keys is a handshake_failure (RFC 5246 §7.4.4)", () => {
  const rsaOnly: Edit = () => Uint8Array.of(1, 1, 0, 2, 4, 1, 0, 0);
  assert.equal(alertFor(HANDSHAKE.certificate_request, rsaOnly), ALERT.handshake_failure);
  const rsaScheme: Edit = () => Uint8Array.of(1, 64, 0, 2, 4, 1, 0, 0);
  assert.equal(alertFor(HANDSHAKE.certificate_request, rsaScheme), ALERT.handshake_failure);
  const authorities: Edit = () => Uint8Array.of(1, 64, 0, 2, 4, 3, 0, 3, 0, 9, 1);
  assert.equal(alertFor(HANDSHAKE.certificate_request, authorities), ALERT.decode_error);
});

test("A chain is read, and its first certificate is the one that counts (RFC 5246 §7.4.2)", () => {
  // The stranger's certificate in front of the right one.
  const stranger = certificate("ecdsa-p256", "stranger").der;
  const edit: Edit = (body) => {
    const own = body.slice(3);
    const total = own.length + 3 + stranger.length;
    const length = [0, stranger.length >> 8, stranger.length & 255];
    return Uint8Array.of(0, total >> 8, total & 255, ...length, ...stranger, ...own);
  };
  assert.equal(alertFor(HANDSHAKE.certificate, edit), ALERT.bad_certificate);
});
