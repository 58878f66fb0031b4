/** The record layer of an established connection, and the batch path. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  randomBytes,
  Ring,
  seededEntropy,
  TimerTable,
  utf8Decode,
  utf8Encode,
} from "../../src/base/mod.ts";
import {
  AEAD_AAD_AT,
  AEAD_COLUMNS,
  type AeadBatch,
  type AeadKey,
  type CryptoProvider,
} from "../../src/crypto/mod.ts";
import { ALERT, ALERT_WARNING, type DtlsConnection } from "../../src/dtls/mod.ts";
import { CIPHER_SUITES } from "../../src/dtls/cipher_suites.ts";
import { newCounters } from "../../src/dtls/counters.ts";
import { FlightSender } from "../../src/dtls/flight_sender.ts";
import { HANDSHAKE } from "../../src/dtls/handshake_header.ts";
import { MAX_RECORD_SEQUENCE } from "../../src/dtls/record.ts";
import { RecordProtection } from "../../src/dtls/record_protection.ts";
import { ReceiveArena } from "../../src/dtls/receive_arena.ts";
import { ReplayWindow } from "../../src/dtls/replay_window.ts";
import { SendArena } from "../../src/dtls/send_arena.ts";
import { test } from "../harness.ts";
import { handshake, record } from "./editing.ts";
import { Pair, seal, testCrypto } from "./support.ts";

function receive(to: DtlsConnection, ...datagrams: readonly Uint8Array[]): string[] {
  for (const datagram of datagrams) to.handleInput(0, datagram);
  to.flushInput(0);
  const texts: string[] = [];
  for (let t = to.nextPlaintext(); t !== undefined; t = to.nextPlaintext()) {
    texts.push(utf8Decode(t));
  }
  return texts;
}

const CHACHA = { cipherSuites: ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"] } as const;

for (const [name, options] of [["AES-GCM", {}], ["ChaCha20-Poly1305", CHACHA]] as const) {
  test(`A replayed ${name} record is dropped, in one batch or later (RFC 6347 §4.1.2.6)`, () => {
    const { client, server } = new Pair({ client: options }).connect();
    const [a, b] = seal(client, [utf8Encode("a"), utf8Encode("b")]);
    assert.deepEqual(receive(server, a!, a!, b!), ["a", "b"]);
    assert.deepEqual(receive(server, b!, a!), []);
    assert.equal(server.stats().dropped.replayed, 3);
  });

  test(`A tampered ${name} record is dropped, whichever byte it is (RFC 6347 §4.1.2.7)`, () => {
    const { client, server } = new Pair({ client: options }).connect();
    const [sealed] = seal(client, [utf8Encode("secret")]);
    for (let i = 0; i < sealed!.length; i++) {
      for (const bit of [1, 0x80]) {
        const tampered = sealed!.slice();
        tampered[i]! ^= bit;
        assert.deepEqual(receive(server, tampered), [], `byte ${i}`);
      }
    }
    assert.equal(server.state, "connected");
    // None of the forgeries moved the window.
    assert.deepEqual(receive(server, sealed!), ["secret"]);
  });
}

test("Records are taken in any order within the window (RFC 6347 §4.1.2.6)", () => {
  const { client, server } = new Pair().connect();
  const texts = Array.from({ length: 200 }, (_, i) => utf8Encode(String(i)));
  const sealed = seal(client, texts).reverse();
  assert.equal(receive(server, ...sealed).length, 200);
});

test("A truncated record is dropped, wherever it is cut (RFC 6347 §4.1.2.7)", () => {
  const { client, server } = new Pair().connect();
  const [sealed] = seal(client, [utf8Encode("secret")]);
  for (let cut = 0; cut < sealed!.length; cut++) {
    assert.deepEqual(receive(server, sealed!.slice(0, cut)), []);
    // The same with a length that fits what is left.
    if (cut >= 13) {
      const shorter = sealed!.slice(0, cut);
      shorter[11] = 0;
      shorter[12] = cut - 13;
      assert.deepEqual(receive(server, shorter), []);
    }
  }
  assert.deepEqual(receive(server, sealed!), ["secret"]);
});

test("Plain records do not touch an established connection (RFC 6347 §4.1.2.7)", () => {
  for (const side of ["client", "server"] as const) {
    const pair = new Pair().connect();
    pair.run(pair.now);
    const one = pair[side];
    const forged = [
      record(21, 0, 50, Uint8Array.of(2, ALERT.handshake_failure)),
      record(21, 0, 51, Uint8Array.of(1, ALERT.close_notify)),
      record(20, 0, 52, Uint8Array.of(1)),
      record(22, 0, 53, handshake(HANDSHAKE.client_hello, 0, new Uint8Array(50))),
      record(22, 0, 54, handshake(HANDSHAKE.hello_request, 0, new Uint8Array(0))),
      record(23, 0, 55, utf8Encode("injected")),
    ];
    assert.deepEqual(receive(one, ...forged), []);
    assert.equal(one.state, "connected");
    assert.equal(one.pollTransmit(), undefined);
    assert.equal(one.stats().dropped.unprotected, forged.length);
  }
});

test("Records of unknown types, versions and epochs are dropped (RFC 6347 §4.1)", () => {
  const { client, server } = new Pair().connect();
  const [sealed] = seal(client, [utf8Encode("x")]);
  const edit = (at: number, value: number): Uint8Array => {
    const copy = sealed!.slice();
    copy[at] = value;
    return copy;
  };
  assert.deepEqual(
    receive(server, edit(0, 24), edit(0, 19), edit(1, 3), edit(2, 0xff), edit(4, 2)),
    [],
  );
  const { dropped } = server.stats();
  assert.equal(dropped["unknown-type"], 2);
  assert.equal(dropped["bad-version"], 2);
  assert.equal(dropped["wrong-epoch"], 1);
  // A record longer than 2^14 bytes of text (RFC 5246 §6.2.3).
  assert.deepEqual(receive(server, record(23, 1, 9, new Uint8Array(16_384 + 25))), []);
  assert.equal(server.stats().dropped["bad-length"], 1);
});

/**
 * A provider that lets a test send protected records of any type: what is sealed as application data
 * goes out with the type of `label`.
 */
function relabeling(label: { type: number }): CryptoProvider {
  return {
    ...testCrypto,
    createAead(algorithm, key): AeadKey {
      const aead = testCrypto.createAead(algorithm, key);
      return {
        seal: (batch: AeadBatch) => {
          for (let i = 0; i < batch.count && label.type !== 0; i++) {
            const aadAt = batch.rows[i * AEAD_COLUMNS + AEAD_AAD_AT]!;
            batch.bytes[aadAt + 8] = batch.bytes[aadAt + 13] = label.type;
          }
          aead.seal(batch);
        },
        open: (batch) => aead.open(batch),
        dispose: () => aead.dispose(),
      };
    },
  };
}

/** A connected pair and a way to send protected records of any type to `side`. */
function forging(
  side: "client" | "server",
): [Pair, (type: number, text: Uint8Array) => Uint8Array] {
  const label = { type: 0 };
  const options = { crypto: relabeling(label) };
  const pair = new Pair(side === "client" ? { server: options } : { client: options }).connect();
  pair.run(pair.now);
  const peer = pair[side === "client" ? "server" : "client"];
  return [pair, (type, text): Uint8Array => {
    label.type = type;
    const [datagram] = seal(peer, [text]);
    label.type = 0;
    return datagram!;
  }];
}

for (const side of ["client", "server"] as const) {
  test(`A protected fatal alert ends a ${side}; a warning does not (RFC 5246 §7.2)`, () => {
    const [pair, forge] = forging(side);
    const one = pair[side];
    one.handleInput(0, forge(21, Uint8Array.of(1, ALERT.user_canceled)));
    one.handleInput(0, forge(21, Uint8Array.of(2)));
    assert.equal(one.state, "connected");
    one.handleInput(0, forge(21, Uint8Array.of(2, ALERT.internal_error)));
    assert.equal(one.state, "failed");
    const events = [one.pollEvent(), one.pollEvent()];
    assert.deepEqual(events.map((event) => event?.type), ["error", "state"]);
    assert.deepEqual(events[0], {
      type: "error",
      detail: "dtls-failure",
      message: "the peer sent internal_error",
      sentAlert: undefined,
      receivedAlert: ALERT.internal_error,
    });
    // RFC 5246 §7.2.2: no alert answers a fatal one.
    assert.equal(one.pollTransmit(), undefined);
  });

  test(`A ${side} declines renegotiation with a warning and goes on (RFC 5746 §4.4)`, () => {
    const [pair, forge] = forging(side);
    const one = pair[side];
    const type = side === "client" ? HANDSHAKE.hello_request : HANDSHAKE.client_hello;
    one.handleInput(0, forge(22, handshake(type, 40, new Uint8Array(0))));
    assert.equal(one.state, "connected");
    const answer = one.pollTransmit()!;
    assert.equal(answer[0], 21);
    pair[side === "client" ? "server" : "client"].handleInput(0, answer);
    assert.equal(pair.client.state, "connected");
    assert.equal(pair.server.state, "connected");
  });

  test(`A ${side} drops protected ChangeCipherSpecs and odd handshake messages (RFC 5246 §7.1)`, () => {
    const [pair, forge] = forging(side);
    const one = pair[side];
    one.handleInput(0, forge(20, Uint8Array.of(1)));
    one.handleInput(0, forge(22, handshake(HANDSHAKE.certificate, 40, new Uint8Array(9))));
    one.handleInput(0, forge(22, new Uint8Array(3)));
    assert.equal(one.state, "connected");
    assert.equal(one.pollTransmit(), undefined);
    assert.equal(one.stats().dropped.unexpected, 3);
  });
}

test("Several records of one datagram are all taken (RFC 6347 §4.1.1)", () => {
  const { client, server } = new Pair().connect();
  const sealed = seal(client, ["a", "b", "c"].map(utf8Encode));
  const datagram = new Uint8Array(sealed.reduce((sum, d) => sum + d.length, 0));
  let at = 0;
  for (const one of sealed) {
    datagram.set(one, at);
    at += one.length;
  }
  assert.deepEqual(receive(server, datagram), ["a", "b", "c"]);
});

/** A provider that counts AEAD calls. */
function counting(calls: { seal: number; open: number }): CryptoProvider {
  return {
    ...testCrypto,
    createAead(algorithm, key): AeadKey {
      const aead = testCrypto.createAead(algorithm, key);
      return {
        seal: (batch) => (calls.seal++, aead.seal(batch)),
        open: (batch) => (calls.open++, aead.open(batch)),
        dispose: () => aead.dispose(),
      };
    },
  };
}

test("A batch is one AEAD call each way", () => {
  const sealing = { seal: 0, open: 0 }, opening = { seal: 0, open: 0 };
  const pair = new Pair({
    client: { crypto: counting(sealing) },
    server: { crypto: counting(opening) },
  }).connect();
  const texts = Array.from({ length: 10 }, () => new Uint8Array(1200));
  seal(pair.client, texts);
  sealing.seal = opening.open = 0;
  const datagrams = seal(pair.client, texts);
  assert.equal(sealing.seal, 1);
  assert.equal(receive(pair.server, ...datagrams).length, 10);
  assert.equal(opening.open, 1);
});

test("Batches of any shape arrive whole and in order", () => {
  const { client, server } = new Pair().connect();
  const entropy = seededEntropy(4);
  const lengths = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(1200), fc.constant(16_384)),
    { minLength: 1, maxLength: 120 },
  );
  fc.assert(
    fc.property(lengths, (sizes) => {
      const texts = sizes.map((size) => randomBytes(entropy, size));
      const datagrams = seal(client, texts);
      assert.equal(datagrams.length, texts.length);
      for (const datagram of datagrams) server.handleInput(0, datagram);
      server.flushInput(0);
      for (const text of texts) assert.deepEqual(server.nextPlaintext(), text);
      assert.equal(server.nextPlaintext(), undefined);
    }),
    { seed: 5, numRuns: 12 },
  );
});

test("Data that nobody reads yet survive later input, up to a bound", () => {
  const { client, server } = new Pair().connect();
  const texts = Array.from({ length: 300 }, (_, i) => new Uint8Array(1000).fill(i));
  for (const datagram of seal(client, texts)) {
    server.handleInput(0, datagram);
    server.flushInput(0);
  }
  for (const text of texts) assert.deepEqual(server.nextPlaintext(), text);
  for (let i = 0; i < 20; i++) {
    for (const datagram of seal(client, texts)) server.handleInput(0, datagram);
    server.flushInput(0);
  }
  assert.ok(server.stats().dropped["no-room"] > 0);
  let read = 0;
  while (server.nextPlaintext() !== undefined) read++;
  assert.ok(read * 1000 < 2 * 1024 * 1024);
  assert.deepEqual(receive(server, ...seal(client, [utf8Encode("on")])), ["on"]);
});

test("A record that is begun and committed with no bytes is not sent", () => {
  const { client, server } = new Pair().connect();
  assert.equal(client.beginRecord(10), -1);
  client.openSendBatch();
  assert.ok(client.beginRecord(16_384) >= 0);
  client.commitRecord(0);
  assert.equal(client.beginRecord(16_385), -1);
  const at = client.beginRecord(100);
  client.sendBuffer.set(utf8Encode("short"), at);
  client.commitRecord(5);
  client.sealSendBatch();
  assert.equal(client.beginRecord(10), -1);
  assert.deepEqual(receive(server, client.nextSealed()!), ["short"]);
  assert.equal(client.nextSealed(), undefined);
});

function protectionFixture(suite: number): RecordProtection {
  const { keyBytes, ivBytes } = CIPHER_SUITES[suite]!;
  const keys = { key: new Uint8Array(keyBytes).fill(1), iv: new Uint8Array(ivBytes).fill(2) };
  return new RecordProtection(testCrypto, CIPHER_SUITES[suite]!, keys);
}

test("An empty record is authentic and carries nothing (RFC 5246 §6.2.1)", () => {
  for (let suite = 0; suite < CIPHER_SUITES.length; suite++) {
    const sealing = protectionFixture(suite), opening = protectionFixture(suite);
    const datagram = sealing.sealOne(23, new Uint8Array(0));
    const arena = new ReceiveArena(testCrypto, undefined);
    assert.equal(opening.textLength(datagram.length), 0);
    assert.ok(arena.stage(opening, datagram, 0, 0, 0));
    assert.equal(arena.open(opening, new ReplayWindow(), newCounters()), 1);
    assert.equal(arena.shift(), undefined);
  }
});

test("Sequence numbers end before they wrap (RFC 6347 §4.1)", () => {
  const protection = protectionFixture(0);
  const arena = new SendArena(testCrypto);
  protection.sequence = MAX_RECORD_SEQUENCE;
  arena.open();
  assert.ok(arena.begin(protection, 1) >= 0);
  arena.commit(protection, 1);
  assert.equal(arena.begin(protection, 1), -1);
  arena.seal(protection);
  const datagram = arena.shift(protection)!;
  assert.deepEqual([...datagram.slice(5, 11)], [255, 255, 255, 255, 255, 255]);
});

test("No goodbye repeats a nonce when the sequence numbers are used up (RFC 5288 §3)", () => {
  const counters = newCounters();
  const protection = new RecordProtection(testCrypto, CIPHER_SUITES[0]!, {
    key: new Uint8Array(16),
    iv: new Uint8Array(4),
  });
  const outbox = new Ring<Uint8Array>();
  const timers = new TimerTable(["retransmit", "handshake", "linger"] as const);
  const flights = new FlightSender(1200, 50, timers, outbox, counters);
  flights.protection = protection;
  protection.sequence = MAX_RECORD_SEQUENCE;
  flights.sendAlert(ALERT_WARNING, ALERT.close_notify);
  assert.equal(outbox.length, 1, "the last number is used");
  flights.sendAlert(ALERT_WARNING, ALERT.close_notify);
  assert.equal(outbox.length, 1);
  assert.equal(protection.sequence, MAX_RECORD_SEQUENCE + 1);
});

test("exportKeyingMaterial refuses the labels of TLS itself (RFC 5705 §4)", () => {
  const { client } = new Pair().connect();
  for (const label of ["client finished", "master secret", "extended master secret"]) {
    assert.throws(() => client.exportKeyingMaterial(label, 12), { code: "invalid-argument" });
  }
  assert.equal(client.exportKeyingMaterial("EXTRACTOR-dtls_srtp", 60).length, 60);
});
