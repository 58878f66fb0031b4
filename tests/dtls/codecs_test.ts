import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseCertificateMessage,
  writeCertificateMessage,
} from "../../src/dtls/certificate_message.ts";
import {
  parseCertificateRequest,
  writeCertificateRequest,
} from "../../src/dtls/certificate_request.ts";
import {
  parseCertificateVerify,
  writeCertificateVerify,
} from "../../src/dtls/certificate_verify.ts";
import { parseClientHello, writeClientHello } from "../../src/dtls/client_hello.ts";
import {
  parseClientKeyExchange,
  writeClientKeyExchange,
} from "../../src/dtls/client_key_exchange.ts";
import {
  acceptablePointFormats,
  decodeSupportedVersions,
  decodeU16List,
  decodeUseSrtp,
  encodeU16List,
  encodeUseSrtp,
} from "../../src/dtls/extensions.ts";
import {
  parseHelloVerifyRequest,
  writeHelloVerifyRequest,
} from "../../src/dtls/hello_verify_request.ts";
import { parseServerHello, writeServerHello } from "../../src/dtls/server_hello.ts";
import {
  parseServerKeyExchange,
  writeServerKeyExchange,
} from "../../src/dtls/server_key_exchange.ts";
import { test } from "../harness.ts";

const SEED = 20260101;

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u16List = fc.array(u16, { minLength: 1, maxLength: 40 });
const extensions = fc.array(fc.tuple(u16, bytes(0, 60)), { maxLength: 12 }).map((list) =>
  new Map(list)
);

interface Codec<T> {
  readonly name: string;
  readonly section: string;
  readonly message: fc.Arbitrary<T>;
  readonly parse: (body: Uint8Array) => T | undefined;
  readonly write: (message: T, out: Uint8Array, at: number) => number;
}

function roundTrip<T>(codec: Codec<T>): void {
  test(`parse${codec.name} reads what write${codec.name} wrote (${codec.section})`, () => {
    fc.assert(
      fc.property(codec.message, (message) => {
        const out = new Uint8Array(8192);
        const end = codec.write(message, out, 3);
        assert.deepEqual(plain(codec.parse(out.slice(3, end))), plain(message));
        // Every strict prefix is malformed, except where extensions may be left out.
        const cut = codec.parse(out.slice(3, end - 1));
        if (cut !== undefined) assert.notDeepEqual(plain(cut), plain(message));
      }),
      { seed: SEED, numRuns: 150 },
    );
  });
  test(`parse${codec.name} never throws (${codec.section})`, () => {
    fc.assert(
      fc.property(bytes(0, 200), (body) => {
        codec.parse(body);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
}

/** Typed arrays of different buffers as plain data. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof Map) return [...value].map(([k, v]) => [k, plain(v)]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  }
  return value;
}

roundTrip({
  name: "ClientHello",
  section: "RFC 5246 §7.4.1.2, RFC 6347 §4.2.1",
  message: fc.record({
    version: u16,
    random: bytes(32, 32),
    sessionId: bytes(0, 32),
    cookie: bytes(0, 255),
    cipherSuites: u16List,
    compressionMethods: bytes(1, 4),
    extensions,
  }),
  parse: parseClientHello,
  write: writeClientHello,
});

roundTrip({
  name: "ServerHello",
  section: "RFC 5246 §7.4.1.3",
  message: fc.record({
    version: u16,
    random: bytes(32, 32),
    sessionId: bytes(0, 32),
    cipherSuite: u16,
    compressionMethod: fc.integer({ min: 0, max: 255 }),
    extensions,
  }),
  parse: parseServerHello,
  write: writeServerHello,
});

roundTrip({
  name: "HelloVerifyRequest",
  section: "RFC 6347 §4.2.1",
  message: fc.record({ version: u16, cookie: bytes(0, 255) }),
  parse: parseHelloVerifyRequest,
  write: writeHelloVerifyRequest,
});

roundTrip({
  name: "CertificateMessage",
  section: "RFC 5246 §7.4.2",
  message: fc.array(bytes(1, 400), { maxLength: 4 }),
  parse: parseCertificateMessage,
  write: writeCertificateMessage,
});

roundTrip({
  name: "ServerKeyExchange",
  section: "RFC 8422 §5.4",
  message: fc.record({
    group: u16,
    publicKey: bytes(1, 255),
    scheme: u16,
    signature: bytes(0, 300),
  }),
  parse: parseServerKeyExchange,
  write: writeServerKeyExchange,
});

roundTrip({
  name: "CertificateRequest",
  section: "RFC 5246 §7.4.4",
  message: fc.record({ certificateTypes: bytes(1, 8), signatureSchemes: u16List }),
  parse: parseCertificateRequest,
  write: writeCertificateRequest,
});

roundTrip({
  name: "ClientKeyExchange",
  section: "RFC 8422 §5.7",
  message: bytes(1, 255),
  parse: parseClientKeyExchange,
  write: writeClientKeyExchange,
});

roundTrip({
  name: "CertificateVerify",
  section: "RFC 5246 §7.4.8",
  message: fc.record({ scheme: u16, signature: bytes(0, 512) }),
  parse: parseCertificateVerify,
  write: writeCertificateVerify,
});

test("decodeUseSrtp and decodeU16List read what was encoded (RFC 5764 §4.1.1)", () => {
  fc.assert(
    fc.property(u16List, bytes(0, 255), (profiles, mki) => {
      assert.deepEqual(plain(decodeUseSrtp(encodeUseSrtp({ profiles, mki }))), {
        profiles,
        mki: [...mki],
      });
      assert.deepEqual(decodeU16List(encodeU16List(profiles)), profiles);
    }),
    { seed: SEED, numRuns: 100 },
  );
});

test("Extension decoders never throw (RFC 5246 §7.4.1.4)", () => {
  fc.assert(
    fc.property(bytes(0, 40), (data) => {
      decodeUseSrtp(data);
      decodeU16List(data);
      decodeSupportedVersions(data);
      acceptablePointFormats(data);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("parseClientHello refuses an extension that occurs twice (RFC 5246 §7.4.1.4)", () => {
  const hello = {
    version: 0xfefd,
    random: new Uint8Array(32),
    sessionId: new Uint8Array(0),
    cookie: new Uint8Array(0),
    cipherSuites: [0xc02b],
    compressionMethods: Uint8Array.of(0),
    extensions: new Map([[23, new Uint8Array(0)], [24, new Uint8Array(0)]]),
  };
  const out = new Uint8Array(200);
  const end = writeClientHello(hello, out, 0);
  assert.notEqual(parseClientHello(out.slice(0, end)), undefined);
  out[end - 3] = 23;
  assert.equal(parseClientHello(out.slice(0, end)), undefined);
});
