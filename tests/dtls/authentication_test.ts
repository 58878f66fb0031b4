/** What must never connect: peers that are not who signaling says, or that break the proof of it. */
import assert from "node:assert/strict";
import { utf8Encode } from "../../src/base/mod.ts";
import type { Certificate, CryptoProvider, SigningKey } from "../../src/crypto/mod.ts";
import { ALERT, type DtlsErrorEvent } from "../../src/dtls/mod.ts";
import { HANDSHAKE } from "../../src/dtls/handshake_header.ts";
import { test } from "../harness.ts";
import { editMessages } from "./editing.ts";
import { certificate, fingerprints, Pair, type PairOptions, testCrypto } from "./support.ts";

const SIDES = ["client", "server"] as const;
type Side = typeof SIDES[number];

function other(side: Side): Side {
  return side === "client" ? "server" : "client";
}

function errorOf(pair: Pair, side: Side): DtlsErrorEvent | undefined {
  return pair.events[side].find((event) => event.type === "error");
}

/** `judge` must fail with `alert` before it connects or releases data; its peer hears of it. */
function requireRefused(pair: Pair, judge: Side, alert: number): void {
  pair.start().run(1000);
  assert.equal(pair[judge].state, "failed");
  const states = pair.events[judge].map((event) => event.type === "state" ? event.state : "error");
  assert.deepEqual(states, ["connecting", "error", "failed"]);
  assert.equal(errorOf(pair, judge)?.sentAlert, alert, errorOf(pair, judge)?.message);
  assert.equal(pair.received[judge].length, 0);
  assert.equal(pair[judge].beginRecord(1), -1);
  assert.throws(() => pair[judge].exportKeyingMaterial("x", 1), { code: "not-connected" });
  assert.equal(pair[other(judge)].state, "failed");
  assert.equal(errorOf(pair, other(judge))?.receivedAlert, alert);
}

function pairFor(side: Side, own: PairOptions["client"], peer: PairOptions["client"] = {}): Pair {
  return side === "client"
    ? new Pair({ client: own!, server: peer! })
    : new Pair({ client: peer!, server: own! });
}

/** A certificate with a key that signs in some other way. */
function impostor(shown: Certificate, key: SigningKey): Certificate {
  return { ...shown, privateKey: key, fingerprint: (algorithm) => shown.fingerprint(algorithm) };
}

for (const kind of ["ecdsa-p256", "rsa-2048"] as const) {
  for (const judge of SIDES) {
    const proof = judge === "client" ? "ServerKeyExchange" : "CertificateVerify";
    const section = judge === "client" ? "RFC 5246 §7.4.3" : "RFC 5246 §7.4.8";

    test(`A ${judge} refuses an ${kind} certificate shown by someone else, in ${proof} (${section})`, () => {
      // The thief shows the right certificate, so its fingerprint matches, but has another key.
      const stolen = certificate(kind, other(judge));
      const thief = impostor(stolen, certificate(kind, "thief").privateKey);
      requireRefused(pairFor(other(judge), { certificate: thief }), judge, ALERT.decrypt_error);
    });

    test(`A ${judge} refuses a broken ${kind} signature in ${proof} (${section})`, () => {
      const own = certificate(kind, other(judge));
      const key = own.privateKey;
      for (
        const breakIt of [flipLast, (s: Uint8Array) => s.slice(0, -1), () => new Uint8Array(0)]
      ) {
        const broken: SigningKey = {
          algorithm: key.algorithm,
          publicKeyInfo: key.publicKeyInfo,
          exportPkcs8: () => key.exportPkcs8(),
          sign: (scheme, data) => breakIt(key.sign(scheme, data)),
        };
        const pair = pairFor(other(judge), { certificate: impostor(own, broken) });
        requireRefused(pair, judge, ALERT.decrypt_error);
      }
    });

    test(`A ${judge} refuses an ${kind} signature over another handshake, in ${proof} (${section})`, () => {
      const own = certificate(kind, other(judge));
      const key = own.privateKey;
      const replaying: SigningKey = {
        algorithm: key.algorithm,
        publicKeyInfo: key.publicKeyInfo,
        exportPkcs8: () => key.exportPkcs8(),
        sign: (scheme, data) => key.sign(scheme, flipLast(data)),
      };
      const pair = pairFor(other(judge), { certificate: impostor(own, replaying) });
      requireRefused(pair, judge, ALERT.decrypt_error);
    });
  }
}

function flipLast(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - 1]! ^= 1;
  return copy;
}

for (const judge of SIDES) {
  test(`A ${judge} refuses a wrong Finished (RFC 5246 §7.4.9)`, () => {
    const label = judge === "client" ? "server finished" : "client finished";
    const pair = pairFor(other(judge), { crypto: withWrongPrf(label) });
    requireRefused(pair, judge, ALERT.decrypt_error);
  });

  test(`A ${judge} refuses a certificate that matches no fingerprint (RFC 8122 §5)`, () => {
    const wrong = fingerprints(certificate("ecdsa-p256", "stranger"));
    const right = fingerprints(certificate("ecdsa-p256", other(judge)));
    const lists = [
      [],
      wrong,
      // The strongest function decides alone.
      [...right, { algorithm: "sha-512", value: "00".repeat(64) }],
      [{ algorithm: "sha-256", value: right[0]!.value.slice(0, -3) }],
      [{ algorithm: "sha-256", value: "" }],
      [{ algorithm: "sha-256", value: right[0]!.value + ":00" }],
      [{ algorithm: "sha-257", value: right[0]!.value }],
    ];
    for (const remoteFingerprints of lists) {
      const pair = pairFor(judge, { remoteFingerprints });
      requireRefused(pair, judge, ALERT.bad_certificate);
      assert.equal(errorOf(pair, judge)?.detail, "fingerprint-failure");
      assert.deepEqual(pair[judge].remoteCertificates, []);
    }
  });

  test(`A ${judge} refuses a list of SHA-1 and MD5 fingerprints alone (RFC 8122 §5)`, () => {
    const peer = certificate("ecdsa-p256", other(judge));
    const pair = pairFor(judge, {
      remoteFingerprints: [
        { algorithm: "sha-1", value: peer.fingerprint("sha-1") },
        { algorithm: "md5", value: "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF" },
      ],
    });
    requireRefused(pair, judge, ALERT.bad_certificate);
    assert.equal(errorOf(pair, judge)?.detail, "fingerprint-failure");
  });

  test(`A ${judge} accepts any of several fingerprints of the strongest hash (RFC 8122 §5)`, () => {
    const peer = certificate("ecdsa-p256", other(judge));
    const stranger = certificate("ecdsa-p256", "stranger");
    const pair = pairFor(judge, {
      remoteFingerprints: [
        { algorithm: "sha-1", value: stranger.fingerprint("sha-1") },
        { algorithm: "SHA-256", value: stranger.fingerprint("sha-256") },
        { algorithm: "SHA-512", value: stranger.fingerprint("sha-512") },
        { algorithm: "sha-512", value: peer.fingerprint("sha-512").toLowerCase() },
      ],
    });
    assert.equal(pair.connect()[judge].state, "connected");
  });

  test(`A ${judge} refuses a peer that presents no certificate (RFC 8122 §6.2)`, () => {
    const pair = new Pair({
      client: { maxDatagramSize: 8000 },
      server: { maxDatagramSize: 8000 },
    });
    pair.tap = (datagram, from) =>
      from === judge
        ? datagram
        : editMessages(datagram, HANDSHAKE.certificate, () => new Uint8Array(3));
    requireRefused(pair, judge, ALERT.bad_certificate);
  });

  test(`A ${judge} refuses a certificate that it cannot read, even if announced (RFC 5246 §7.2.2)`, () => {
    const whole = certificate("ecdsa-p256", "junk");
    const der = Uint8Array.of(1, 2, 3);
    const digest = testCrypto.hash("sha-256", der);
    const value = [...digest].map((b) => b.toString(16).padStart(2, "0")).join(":");
    const junk = { ...impostor(whole, whole.privateKey), der, fingerprint: () => value };
    const remoteFingerprints = [{ algorithm: "sha-256", value }];
    const pair = pairFor(judge, { remoteFingerprints }, { certificate: junk });
    requireRefused(pair, judge, ALERT.unsupported_certificate);
  });
}

test("A client refuses a server that does not ask for its certificate (RFC 8122 §6.2)", () => {
  const pair = new Pair({ server: { maxDatagramSize: 8000 } });
  pair.tap = (datagram, from) => {
    if (from === "client") return datagram;
    // The message is taken out and the number of the one behind it set right.
    const cut = editMessages(datagram, HANDSHAKE.certificate_request, () => undefined);
    if (cut.length < datagram.length) cut[cut.length - 12 + 5]! -= 1;
    return cut;
  };
  requireRefused(pair, "client", ALERT.handshake_failure);
});

test("A client refuses a certificate whose key does not fit the suite (RFC 8422 §2)", () => {
  // An ECDSA server whose certificate, announced and all, is an RSA one.
  const rsa = certificate("rsa-2048", "server");
  const mixed = impostor(rsa, certificate("ecdsa-p256", "server").privateKey);
  const pair = new Pair({
    client: { remoteFingerprints: fingerprints(rsa) },
    server: { certificate: mixed },
  });
  requireRefused(pair, "client", ALERT.unsupported_certificate);
});

test("A server releases no data of a client before its Finished is verified (RFC 5246 §7.4.9)", () => {
  const pair = new Pair({ client: { crypto: withWrongPrf("client finished") } });
  pair.start().run(1000);
  assert.equal(pair.server.state, "failed");
  pair.send("client", utf8Encode("too early"));
  pair.run(2000);
  assert.deepEqual(pair.received.server, []);
});

/** A provider whose PRF is wrong for one label. */
function withWrongPrf(label: string): CryptoProvider {
  const marker = new TextDecoder().decode(utf8Encode(label));
  return {
    ...testCrypto,
    createHmac(algorithm, key) {
      const hmac = testCrypto.createHmac(algorithm, key);
      return {
        sign(...parts) {
          const mac = hmac.sign(...parts);
          const last = parts.at(-1)!;
          const text = new TextDecoder("latin1").decode(last.subarray(0, label.length));
          return parts.length === 2 && text === marker ? flipLast(flipFirst(mac)) : mac;
        },
      };
    },
  };
}

function flipFirst(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[0]! ^= 1;
  return copy;
}
