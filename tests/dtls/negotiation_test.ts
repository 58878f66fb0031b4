/** What the hellos agree on, and what ends the handshake. */
import assert from "node:assert/strict";
import { randomBytes, seededEntropy } from "../../src/base/mod.ts";
import { ALERT, type DtlsErrorEvent } from "../../src/dtls/mod.ts";
import type { ClientHello } from "../../src/dtls/client_hello.ts";
import { writeClientHello } from "../../src/dtls/client_hello.ts";
import {
  encodeU16List,
  encodeUseSrtp,
  EXTENSION_EC_POINT_FORMATS,
  EXTENSION_EXTENDED_MASTER_SECRET,
  EXTENSION_RENEGOTIATION_INFO,
  EXTENSION_SIGNATURE_ALGORITHMS,
  EXTENSION_SUPPORTED_GROUPS,
  EXTENSION_SUPPORTED_VERSIONS,
  EXTENSION_USE_SRTP,
} from "../../src/dtls/extensions.ts";
import { HANDSHAKE, writeHandshakeHeader } from "../../src/dtls/handshake_header.ts";
import type { ServerHello } from "../../src/dtls/server_hello.ts";
import { parseServerHello } from "../../src/dtls/server_hello.ts";
import { test } from "../harness.ts";
import {
  editClientHello,
  editServerHello,
  handshake,
  join,
  record,
  records,
  withExtension,
} from "./editing.ts";
import { Pair } from "./support.ts";

type Side = "client" | "server";

function errorOf(pair: Pair, side: Side): DtlsErrorEvent | undefined {
  return pair.events[side].find((event) => event.type === "error");
}

function refusedHello(edit: (hello: ClientHello) => ClientHello, alert: number): void {
  const pair = new Pair({ server: { srtpProfiles: ["SRTP_AEAD_AES_128_GCM"] } });
  pair.tap = (datagram, from) => from === "client" ? editClientHello(datagram, edit) : datagram;
  pair.start().run(100);
  assert.equal(errorOf(pair, "server")?.sentAlert, alert, errorOf(pair, "server")?.message);
  assert.equal(pair.server.state, "failed");
  assert.equal(errorOf(pair, "client")?.receivedAlert, alert);
}

function refusedAnswer(edit: (hello: ServerHello) => ServerHello, alert: number): void {
  const pair = new Pair({
    client: { srtpProfiles: ["SRTP_AEAD_AES_128_GCM"] },
    server: { maxDatagramSize: 8000 },
  });
  pair.tap = (datagram, from) =>
    from === "server" && records(datagram)[0]?.type === 22
      ? editServerHello(datagram, edit)
      : datagram;
  pair.start().run(100);
  assert.equal(errorOf(pair, "client")?.sentAlert, alert, errorOf(pair, "client")?.message);
  assert.equal(pair.client.state, "failed");
  assert.equal(errorOf(pair, "server")?.receivedAlert, alert);
}

function helloWith(
  type: number,
  data: Uint8Array | undefined,
): (hello: ClientHello) => ClientHello {
  return (hello) => ({ ...hello, extensions: withExtension(hello.extensions, type, data) });
}

function answerWith(
  type: number,
  data: Uint8Array | undefined,
): (hello: ServerHello) => ServerHello {
  return (hello) => ({ ...hello, extensions: withExtension(hello.extensions, type, data) });
}

const NOTHING = new Uint8Array(0);

test("A server refuses versions below 1.2 (RFC 6347 §4.1, RFC 8827 §6.5)", () => {
  refusedHello((hello) => ({ ...hello, version: 0xfeff }), ALERT.protocol_version);
  refusedHello((hello) => ({ ...hello, version: 0x0303 }), ALERT.protocol_version);
  refusedHello(
    helloWith(EXTENSION_SUPPORTED_VERSIONS, Uint8Array.of(2, 0xfe, 0xfc)),
    ALERT.protocol_version,
  );
  refusedHello(
    helloWith(EXTENSION_SUPPORTED_VERSIONS, Uint8Array.of(3, 0xfe, 0xfd, 0)),
    ALERT.decode_error,
  );
});

test("A server refuses a hello without extended master secret (RFC 7627 §5.3)", () => {
  refusedHello(helloWith(EXTENSION_EXTENDED_MASTER_SECRET, undefined), ALERT.handshake_failure);
  refusedHello(helloWith(EXTENSION_EXTENDED_MASTER_SECRET, Uint8Array.of(0)), ALERT.decode_error);
});

test("A client refuses an answer without extended master secret (RFC 7627 §5.2)", () => {
  refusedAnswer(answerWith(EXTENSION_EXTENDED_MASTER_SECRET, undefined), ALERT.handshake_failure);
});

test("A server refuses a hello with nothing in common (RFC 5246 §7.4.1.3)", () => {
  refusedHello((hello) => ({ ...hello, cipherSuites: [0x002f, 0xc02f] }), ALERT.handshake_failure);
  refusedHello(
    helloWith(EXTENSION_SUPPORTED_GROUPS, encodeU16List([24, 0x11ec])),
    ALERT.handshake_failure,
  );
  refusedHello(
    helloWith(EXTENSION_SIGNATURE_ALGORITHMS, encodeU16List([0x0203, 0x0401])),
    ALERT.handshake_failure,
  );
  refusedHello(helloWith(EXTENSION_SIGNATURE_ALGORITHMS, undefined), ALERT.handshake_failure);
  refusedHello(
    (hello) => ({ ...hello, compressionMethods: Uint8Array.of(1) }),
    ALERT.illegal_parameter,
  );
});

test("A server refuses malformed extensions (RFC 5246 §7.2.2)", () => {
  refusedHello(helloWith(EXTENSION_SUPPORTED_GROUPS, NOTHING), ALERT.decode_error);
  refusedHello(
    helloWith(EXTENSION_SIGNATURE_ALGORITHMS, Uint8Array.of(0, 1, 4)),
    ALERT.decode_error,
  );
  refusedHello(helloWith(EXTENSION_USE_SRTP, Uint8Array.of(0, 2, 0, 7)), ALERT.decode_error);
  refusedHello(helloWith(EXTENSION_EC_POINT_FORMATS, Uint8Array.of(1, 1)), ALERT.illegal_parameter);
});

test("Both sides refuse renegotiation_info with something in it (RFC 5746 §3.4, §3.6)", () => {
  const full = Uint8Array.of(2, 1, 1);
  refusedHello(helloWith(EXTENSION_RENEGOTIATION_INFO, full), ALERT.handshake_failure);
  refusedAnswer(answerWith(EXTENSION_RENEGOTIATION_INFO, full), ALERT.handshake_failure);
});

test("A client refuses an answer to what it did not offer (RFC 5246 §7.4.1.3, §7.4.1.4)", () => {
  refusedAnswer(answerWith(35, NOTHING), ALERT.unsupported_extension);
  refusedAnswer(
    answerWith(EXTENSION_SUPPORTED_VERSIONS, Uint8Array.of(0xfe, 0xfc)),
    ALERT.unsupported_extension,
  );
  refusedAnswer((hello) => ({ ...hello, cipherSuite: 0x002f }), ALERT.illegal_parameter);
  refusedAnswer((hello) => ({ ...hello, compressionMethod: 1 }), ALERT.illegal_parameter);
  refusedAnswer((hello) => ({ ...hello, version: 0xfeff }), ALERT.protocol_version);
  refusedAnswer((hello) => ({ ...hello, version: 0xfefc }), ALERT.protocol_version);
  refusedAnswer(
    answerWith(EXTENSION_EC_POINT_FORMATS, Uint8Array.of(1, 2)),
    ALERT.illegal_parameter,
  );
});

test("A client refuses an SRTP profile or MKI that it did not offer (RFC 5764 §4.1.1)", () => {
  const answers = [
    { profiles: [1], mki: NOTHING },
    { profiles: [7, 1], mki: NOTHING },
    { profiles: [7], mki: Uint8Array.of(1) },
  ];
  for (const answer of answers) {
    const edit = answerWith(EXTENSION_USE_SRTP, encodeUseSrtp(answer));
    refusedAnswer(edit, ALERT.illegal_parameter);
  }
});

test("A change of suite on the way breaks the handshake (RFC 5246 §7.4.9)", () => {
  const pair = new Pair();
  pair.tap = (datagram, from) =>
    from === "client"
      ? editClientHello(datagram, (hello) => ({
        ...hello,
        cipherSuites: hello.cipherSuites.filter((id) => id !== 0xc02b),
      }))
      : datagram;
  pair.start().run(1000);
  // The suite is one that the client takes, but what it sent is not what the server heard.
  assert.equal(pair.server.state, "failed");
  assert.equal(errorOf(pair, "server")?.sentAlert, ALERT.decrypt_error);
  assert.equal(pair.client.state, "failed");
});

test("A change of an extension on the way breaks the handshake (RFC 5246 §7.4.9)", () => {
  const pair = new Pair();
  pair.tap = (datagram, from) =>
    from === "client"
      ? editClientHello(datagram, helloWith(EXTENSION_SUPPORTED_GROUPS, encodeU16List([23])))
      : datagram;
  pair.start().run(1000);
  assert.equal(pair.server.state, "failed");
  assert.equal(pair.client.state, "failed");
});

test("A message in another's place ends the handshake with unexpected_message (RFC 5246 §7.4)", () => {
  const places = [
    ["server", HANDSHAKE.server_hello],
    ["server", HANDSHAKE.certificate],
    ["server", HANDSHAKE.server_key_exchange],
    ["server", HANDSHAKE.certificate_request],
    ["client", HANDSHAKE.client_hello],
    ["client", HANDSHAKE.certificate],
    ["client", HANDSHAKE.client_key_exchange],
    ["client", HANDSHAKE.certificate_verify],
  ] as const;
  for (const [from, type] of places) {
    for (const instead of [HANDSHAKE.finished, HANDSHAKE.server_hello_done, 24]) {
      const big = { maxDatagramSize: 8000 };
      const pair = new Pair({ client: big, server: big });
      pair.tap = (datagram, sender) => {
        if (sender !== from) return datagram;
        return join(
          records(datagram).map((r) => {
            if (r.type === 22 && r.epoch === 0 && r.fragment[0] === type) r.fragment[0] = instead;
            return record(r.type, r.epoch, r.sequence, r.fragment, r.version);
          }),
        );
      };
      pair.start().run(1000);
      const judge = from === "server" ? "client" : "server";
      // ServerHelloDone in place of CertificateRequest has a meaning of its own.
      const expected = type === HANDSHAKE.certificate_request && instead === 14
        ? ALERT.handshake_failure
        : ALERT.unexpected_message;
      assert.equal(errorOf(pair, judge)?.sentAlert, expected, `${from} ${type} ${instead}`);
    }
  }
});

test("A HelloRequest during the handshake is ignored (RFC 5246 §7.4.1.1)", () => {
  const { client } = new Pair();
  client.start(0);
  assert.notEqual(client.pollTransmit(), undefined);
  client.handleInput(0, record(22, 0, 0, handshake(HANDSHAKE.hello_request, 0, NOTHING)));
  assert.equal(client.state, "connecting");
  assert.equal(client.pollTransmit(), undefined);
});

test("A client gives up on a server that only sends HelloVerifyRequests (RFC 6347 §4.2.1)", () => {
  const pair = new Pair();
  let n = 0;
  pair.tap = (datagram, from) => {
    if (from === "server") return undefined;
    const body = Uint8Array.of(0xfe, 0xff, 4, 1, 2, 3, n);
    const message = handshake(HANDSHAKE.hello_verify_request, n, body);
    if (records(datagram)[0]?.type === 22) {
      pair.client.handleInput(pair.now, record(22, 0, n, message));
    }
    n++;
    return undefined;
  };
  pair.start().run(50);
  assert.equal(pair.client.state, "failed");
  assert.equal(errorOf(pair, "client")?.sentAlert, ALERT.unexpected_message);
});

/** A ClientHello as large as those with post-quantum key shares, which offers DTLS 1.3 as well. */
function largeHello(): Uint8Array {
  const entropy = seededEntropy(9);
  const hello: ClientHello = {
    version: 0xfefd,
    random: randomBytes(entropy, 32),
    sessionId: NOTHING,
    cookie: NOTHING,
    cipherSuites: [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xcca9, 0x00ff],
    compressionMethods: Uint8Array.of(0),
    extensions: new Map([
      [EXTENSION_SUPPORTED_VERSIONS, Uint8Array.of(4, 0xfe, 0xfc, 0xfe, 0xfd)],
      [EXTENSION_EXTENDED_MASTER_SECRET, NOTHING],
      [EXTENSION_SUPPORTED_GROUPS, encodeU16List([0x11ec, 29, 23, 24])],
      [EXTENSION_SIGNATURE_ALGORITHMS, encodeU16List([0x0403, 0x0804, 0x0401])],
      [51, randomBytes(entropy, 1216 + 32 + 10)],
      [0xdada, NOTHING],
    ]),
  };
  const out = new Uint8Array(4096);
  return out.slice(0, writeClientHello(hello, out, 0));
}

function fragmentsOf(body: Uint8Array, size: number, overlap: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.slice(at, at + size + overlap);
    const message = new Uint8Array(12 + part.length);
    writeHandshakeHeader(message, 0, HANDSHAKE.client_hello, body.length, 0, at, part.length);
    message.set(part, 12);
    out.push(record(22, 0, out.length, message, 0xfeff));
  }
  return out;
}

test("A server takes a large ClientHello with DTLS 1.3 in it in fragments of any order (RFC 6347 §4.2.3)", () => {
  const body = largeHello();
  assert.ok(body.length > 1300);
  for (const [size, overlap] of [[1100, 0], [1100, 100], [200, 30], [97, 0]] as const) {
    for (const order of ["forwards", "backwards"] as const) {
      const { server } = new Pair();
      const fragments = fragmentsOf(body, size, overlap);
      if (order === "backwards") fragments.reverse();
      for (const fragment of fragments) server.handleInput(0, fragment);
      const answer = records(server.pollTransmit()!)[0]!;
      assert.equal(answer.fragment[0], HANDSHAKE.server_hello);
      const hello = parseServerHello(answer.fragment.slice(12))!;
      assert.equal(hello.version, 0xfefd);
      assert.equal(hello.cipherSuite, 0xc02b);
      assert.equal(hello.sessionId.length, 0);
      // RFC 5746 §3.6: the signaling suite value is answered by the extension.
      assert.deepEqual([...hello.extensions.keys()].sort((a, b) => a - b), [
        EXTENSION_EXTENDED_MASTER_SECRET,
        EXTENSION_RENEGOTIATION_INFO,
      ]);
    }
  }
});
