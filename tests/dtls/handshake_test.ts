import assert from "node:assert/strict";
import { utf8Decode, utf8Encode } from "../../src/base/mod.ts";
import { CIPHER_SUITES } from "../../src/dtls/cipher_suites.ts";
import { nativeCrypto } from "../../src/host/native_crypto.ts";
import { test } from "../harness.ts";
import { certificate, Pair } from "./support.ts";

const LABEL = "EXTRACTOR-dtls_srtp";

function requireConnected(pair: Pair): void {
  const events = JSON.stringify(pair.events);
  assert.equal(pair.client.state, "connected", events);
  assert.equal(pair.server.state, "connected", events);
  assert.deepEqual(
    pair.client.exportKeyingMaterial(LABEL, 60),
    pair.server.exportKeyingMaterial(LABEL, 60),
  );
}

test("DtlsConnection connects two peers and carries data both ways (RFC 6347 §4.2.4)", () => {
  const pair = new Pair({ link: { delayMs: 10 } }).connect();
  requireConnected(pair);
  assert.equal(pair.now, 40);
  assert.deepEqual(pair.events.client.map((e) => e.type === "state" && e.state), [
    "connecting",
    "connected",
  ]);
  pair.send("client", utf8Encode("ping"), utf8Encode("ping 2"));
  pair.send("server", utf8Encode("pong"));
  pair.run(pair.now + 1000);
  assert.deepEqual(pair.received.server.map(utf8Decode), ["ping", "ping 2"]);
  assert.deepEqual(pair.received.client.map(utf8Decode), ["pong"]);
  assert.deepEqual(pair.client.remoteCertificates, [certificate("ecdsa-p256", "server").der]);
  assert.deepEqual(pair.server.remoteCertificates, [certificate("ecdsa-p256", "client").der]);
});

for (const suite of CIPHER_SUITES) {
  const kind = suite.authentication === "ecdsa" ? "ecdsa-p256" : "rsa-2048";
  for (const curve of ["x25519", "secp256r1"] as const) {
    test(`DtlsConnection speaks ${suite.name} over ${curve} (RFC 8422 §5.1, RFC 5289)`, () => {
      for (const clientKind of ["ecdsa-p256", "rsa-2048"] as const) {
        const pair = new Pair({
          client: { cipherSuites: [suite.name], certificate: certificate(clientKind, "client") },
          server: { groups: [curve], certificate: certificate(kind, "server") },
        }).connect();
        requireConnected(pair);
        const stats = pair.server.stats();
        assert.equal(stats.dtlsCipher, suite.name);
        assert.equal(stats.tlsVersion, "FEFD");
        assert.equal(stats.tlsGroup, curve === "x25519" ? "X25519" : "P-256");
        const texts = [utf8Encode("a"), new Uint8Array(16_384).fill(7)];
        pair.send("client", ...texts);
        pair.send("server", ...texts);
        pair.run(pair.now + 10);
        assert.deepEqual(pair.received.server, texts);
        assert.deepEqual(pair.received.client, texts);
      }
    });
  }
}

test("DtlsConnection speaks every suite with the native provider on either side", () => {
  const native = nativeCrypto();
  assert.notEqual(native, undefined);
  for (const suite of CIPHER_SUITES) {
    for (const side of ["client", "server"] as const) {
      const kind = suite.authentication === "ecdsa" ? "ecdsa-p256" : "rsa-2048";
      const options = {
        client: { cipherSuites: [suite.name] },
        server: { certificate: certificate(kind, "server") },
      };
      const pair = new Pair({ ...options, [side]: { ...options[side], crypto: native! } });
      requireConnected(pair.connect());
      const text = new Uint8Array(1000).fill(3);
      pair.send("client", text);
      pair.send("server", text, text);
      pair.run(pair.now + 10);
      assert.deepEqual(pair.received, { client: [text, text], server: [text] });
    }
  }
});

test("DtlsConnection completes at up to 30 % loss with reordering and duplicates (RFC 6347 §4.2.4)", () => {
  for (let seed = 100; seed < 150; seed++) {
    const lossy = { loss: 0.3, duplicate: 0.2, reorder: 0.3, delayMs: 20 };
    const pair = new Pair({ seed, link: lossy }).connect();
    assert.equal(pair.client.state, "connected", `seed ${seed} ${JSON.stringify(pair.events)}`);
    assert.equal(pair.server.state, "connected", `seed ${seed} ${JSON.stringify(pair.events)}`);
  }
});

for (const mtu of [200, 300, 600]) {
  test(`DtlsConnection fragments flights to an MTU of ${mtu} (RFC 6347 §4.2.3)`, () => {
    for (let seed = 1; seed <= 10; seed++) {
      const kind = seed % 2 === 0 ? "ecdsa-p256" : "rsa-2048";
      const options = { maxDatagramSize: mtu };
      const pair = new Pair({
        seed,
        client: { ...options, certificate: certificate(kind, "client") },
        server: { ...options, certificate: certificate(kind, "server") },
        link: { mtu, loss: 0.1, reorder: 0.3, duplicate: 0.1, delayMs: 5 },
      }).connect();
      assert.equal(pair.client.state, "connected", `seed ${seed} ${JSON.stringify(pair.events)}`);
      assert.equal(pair.server.state, "connected", `seed ${seed} ${JSON.stringify(pair.events)}`);
    }
  });
}

test("DtlsConnection tries smaller datagrams when large ones stay unanswered (RFC 6347 §4.1.1.1)", () => {
  const rsa = {
    client: { certificate: certificate("rsa-2048", "client") },
    server: { certificate: certificate("rsa-2048", "server") },
  };
  const pair = new Pair({ ...rsa, link: { mtu: 520, delayMs: 5 } }).connect();
  requireConnected(pair);
  assert.ok(pair.now < 2000);
});

test("DtlsConnection doubles its retransmission timeout up to 60 s (RFC 6347 §4.2.4.1)", () => {
  const sent: number[] = [];
  const options = { initialTimeoutMs: 1000, handshakeTimeoutMs: 400_000 };
  const pair = new Pair({ client: options });
  pair.tap = () => void sent.push(pair.now);
  pair.start().run();
  assert.deepEqual(sent, [
    0,
    1000,
    3000,
    7000,
    15_000,
    31_000,
    63_000,
    123_000,
    183_000,
    243_000,
    303_000,
    363_000,
  ]);
});

test("DtlsConnection gives up a handshake that nobody answers", () => {
  const pair = new Pair();
  pair.tap = () => undefined;
  pair.start().run();
  assert.equal(pair.client.state, "failed");
  assert.equal(pair.now, 60_000);
  assert.equal(pair.client.pollTimeout(), Infinity);
  assert.deepEqual(pair.events.client.at(-2)?.type, "error");
  // The server heard nothing and waits: whether there is a peer at all is ICE's business.
  assert.equal(pair.server.state, "connecting");
});

test("DtlsConnection repeats its last flight when the peer repeats its own (RFC 6347 §4.2.4)", () => {
  const pair = new Pair({ link: { delayMs: 5 } });
  let swallowed = 0;
  pair.tap = (datagram, from) => {
    if (from === "server" && pair.server.state === "connected" && swallowed < 3) {
      swallowed++;
      return undefined;
    }
    return datagram;
  };
  pair.connect();
  requireConnected(pair);
  assert.equal(swallowed, 3);
  assert.ok(pair.server.stats().flightsRetransmitted >= 3);
});

test("DtlsConnection forgets its last flight when the peer sends data (RFC 6347 §4.2.4)", () => {
  const pair = new Pair().connect();
  assert.equal(pair.server.pollTimeout(), pair.now + 240_000);
  pair.send("client", utf8Encode("x"));
  pair.run(pair.now + 1);
  assert.equal(pair.server.pollTimeout(), Infinity);
  assert.equal(pair.client.pollTimeout(), Infinity);
});

test("DtlsConnection keeps data that overtook the Finished until it is verified (RFC 6347 §4.1)", () => {
  const pair = new Pair();
  const held: Uint8Array[] = [];
  pair.tap = (datagram, from) => {
    if (from === "server" && pair.server.state === "connected") {
      held.push(datagram);
      return undefined;
    }
    return datagram;
  };
  pair.start().run(10, () => pair.server.state === "connected");
  pair.send("server", utf8Encode("early"));
  assert.ok(held.length >= 2);
  pair.client.handleInput(pair.now, held.at(-1)!);
  pair.client.flushInput(pair.now);
  assert.equal(pair.client.nextPlaintext(), undefined);
  assert.equal(pair.client.state, "connecting");
  pair.client.handleInput(pair.now, held[0]!);
  assert.equal(pair.client.state, "connected");
  pair.client.flushInput(pair.now);
  assert.equal(utf8Decode(pair.client.nextPlaintext()!), "early");
});

test("DtlsConnection answers close_notify and ends on both sides (RFC 5246 §7.2.1)", () => {
  for (const side of ["client", "server"] as const) {
    const pair = new Pair().connect();
    pair.send(side, utf8Encode("last words"));
    pair[side].close(pair.now);
    pair.run(pair.now + 10);
    assert.equal(pair.client.state, "closed");
    assert.equal(pair.server.state, "closed");
    const other = side === "client" ? "server" : "client";
    assert.deepEqual(pair.received[other].map(utf8Decode), ["last words"]);
    assert.equal(pair[side].pollTimeout(), Infinity);
    assert.equal(pair[other].pollTimeout(), Infinity);
    assert.throws(() => pair[side].exportKeyingMaterial(LABEL, 10), { code: "not-connected" });
    assert.equal(pair[side].beginRecord(10), -1);
    pair[side].close(pair.now);
    assert.equal(pair[side].pollEvent(), undefined);
  }
});

test("DtlsConnection negotiates the server's first SRTP profile that both have (RFC 5764 §4.1.1)", () => {
  const pair = new Pair({
    client: { srtpProfiles: ["SRTP_AES128_CM_HMAC_SHA1_80", "SRTP_AEAD_AES_128_GCM"] },
    server: { srtpProfiles: ["SRTP_AEAD_AES_256_GCM", "SRTP_AEAD_AES_128_GCM"] },
  }).connect();
  requireConnected(pair);
  assert.equal(pair.client.srtpProfile, "SRTP_AEAD_AES_128_GCM");
  assert.equal(pair.server.stats().srtpCipher, "SRTP_AEAD_AES_128_GCM");
  const none = new Pair({
    client: { srtpProfiles: ["SRTP_AES128_CM_HMAC_SHA1_80"] },
    server: { srtpProfiles: ["SRTP_AEAD_AES_128_GCM"] },
  }).connect();
  requireConnected(none);
  assert.equal(none.client.srtpProfile, undefined);
  assert.equal(none.server.srtpProfile, undefined);
});

test("DtlsConnection proves the client's address by a cookie if told to (RFC 6347 §4.2.1)", () => {
  const cookies = {
    secret: new Uint8Array(32).fill(5),
    clientAddress: Uint8Array.of(127, 0, 0, 1),
  };
  const pair = new Pair({ server: { cookies } }).connect();
  requireConnected(pair);
  assert.equal(pair.client.stats().flightsSent, 3);
  for (let seed = 0; seed < 10; seed++) {
    const lossy = new Pair({ seed, server: { cookies }, link: { loss: 0.3, delayMs: 5 } });
    requireConnected(lossy.connect());
  }
});

test("DtlsConnection refuses options that cannot work", () => {
  const wrong = [
    { maxDatagramSize: 99 },
    { maxDatagramSize: NaN },
    { maxDatagramSize: 16_385 },
    { initialTimeoutMs: 0 },
    { handshakeTimeoutMs: -1 },
    { cipherSuites: [] },
    { groups: [] },
    { cookies: { secret: new Uint8Array(15), clientAddress: new Uint8Array(4) } },
  ];
  for (const client of wrong) {
    assert.throws(() => new Pair({ client }), { code: "invalid-argument" });
  }
});
