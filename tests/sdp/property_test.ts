import fc from "fast-check";
import assert from "node:assert/strict";
import {
  type Candidate,
  formatCandidate,
  parseCandidate,
  parseSdp,
  type SdpAttribute,
  SdpError,
  type SdpField,
  type SessionDescription,
  tryParseSdp,
  writeSdp,
} from "../../src/sdp/mod.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";
import { fixture, FIXTURES } from "./fixtures.ts";

/** fast-check prints the seed with every failure; a fixed one makes runs alike. */
const SEED = 0x8866;

function chars(alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
}

/** An object whose optional keys are absent rather than undefined. */
function record<T>(
  model: { [Key in keyof T]-?: fc.Arbitrary<Exclude<T[Key], undefined>> },
  required: readonly (keyof T)[],
): fc.Arbitrary<T> {
  return fc.record(model, { requiredKeys: [...required] as never }) as unknown as fc.Arbitrary<T>;
}

const ALNUM = "ABYZabyz0189";
const token = chars(ALNUM + "!#$%&'*+-.^_`{|}~", 1, 12);
const ice = ALNUM + "+/";
const port = fc.integer({ min: 0, max: 65535 });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const text = fc.string({ unit: "binary", maxLength: 20 })
  .filter((value) => !value.includes("\r") && !value.includes("\n") && !value.includes("\0"));
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((value) => value.toLowerCase()),
  fc.uuid().map((uuid) => `${uuid}.local`),
);

const candidate: fc.Arbitrary<Candidate> = record<Candidate>({
  foundation: chars(ice, 1, 32),
  component: fc.integer({ min: 1, max: 256 }),
  transport: fc.constantFrom("udp", "tcp", "x-other"),
  priority: uint32,
  address,
  port,
  type: fc.constantFrom("host", "srflx", "prflx", "relay", "x-other"),
  relatedAddress: address,
  relatedPort: port,
  tcpType: fc.constantFrom("active", "passive", "so"),
  extensions: fc.array(
    fc.record({
      name: token.filter((name) => !["raddr", "rport", "tcptype"].includes(name)),
      value: token,
    }),
    { maxLength: 4 },
  ),
}, ["foundation", "component", "transport", "priority", "address", "port", "type", "extensions"]);

const attribute: fc.Arbitrary<SdpAttribute> = fc.oneof(
  candidate.map((candidate) => ({ name: "candidate", candidate }) as const),
  fc.record({ name: fc.constant("ice-ufrag"), usernameFragment: chars(ice, 4, 256) }),
  fc.record({ name: fc.constant("ice-pwd"), password: chars(ice, 22, 256) }),
  fc.record({
    name: fc.constant("ice-options"),
    options: fc.array(chars(ice, 1, 9), { minLength: 1 }),
  }),
  fc.record({
    name: fc.constant("setup"),
    role: fc.constantFrom("active", "passive", "actpass", "holdconn"),
  }),
  fc.array(chars("0123456789ABCDEF", 2, 2), { minLength: 32, maxLength: 32 }).map((pairs) =>
    ({ name: "fingerprint", algorithm: "sha-256", value: pairs.join(":") }) as const
  ),
  fc.record({ name: fc.constant("sctp-port"), port }),
  fc.record({ name: fc.constant("max-message-size"), sizeBytes: fc.maxSafeNat() }),
  fc.record({ name: fc.constant("group"), semantics: token, mids: fc.array(token) }),
  fc.record({ name: fc.constant("mid"), mid: token }),
  record<Extract<SdpAttribute, { name: "rtcp-fb" }>>({
    name: fc.constant("rtcp-fb"),
    payloadType: fc.oneof(fc.constant("*" as const), fc.integer({ min: 0, max: 127 })),
    feedback: token,
    parameter: token,
  }, ["name", "payloadType", "feedback"]),
  record<Extract<SdpAttribute, { name: "rtpmap" }>>({
    name: fc.constant("rtpmap"),
    payloadType: fc.integer({ min: 0, max: 127 }),
    encoding: token,
    clockRate: fc.integer({ min: 1, max: 192000 }),
    channels: fc.integer({ min: 1, max: 255 }),
  }, ["name", "payloadType", "encoding", "clockRate"]),
  fc.record({
    name: fc.constant("fmtp"),
    format: token,
    parameters: fc.array(
      record<{ name: string; value?: string }>({
        name: chars(ALNUM, 1, 8),
        value: chars(ALNUM + "=,/:-", 0, 8),
      }, ["name"]),
      { minLength: 1, maxLength: 5 },
    ),
  }),
  record<Extract<SdpAttribute, { name: "extmap" }>>({
    name: fc.constant("extmap"),
    id: fc.integer({ min: 1, max: 255 }),
    direction: fc.constantFrom("sendrecv", "sendonly", "recvonly", "inactive"),
    uri: fc.webUrl(),
    attributes: token,
  }, ["name", "id", "uri"]),
  fc.record({
    name: fc.constant("simulcast"),
    directions: fc.uniqueArray(
      fc.record({
        direction: fc.constantFrom("send", "recv"),
        streams: fc.array(
          fc.array(fc.record({ rid: chars(ALNUM + "-_", 1, 8), paused: fc.boolean() }), {
            minLength: 1,
            maxLength: 3,
          }),
          { minLength: 1, maxLength: 3 },
        ),
      }),
      { minLength: 1, maxLength: 2, selector: ({ direction }) => direction },
    ),
  }),
  record<Extract<SdpAttribute, { name: "ssrc" }>>({
    name: fc.constant("ssrc"),
    ssrc: uint32,
    attribute: token,
    value: text.map((value) => value.trim()),
  }, ["name", "ssrc", "attribute"]),
  fc.constantFrom(
    { name: "sendrecv" } as const,
    { name: "rtcp-mux" } as const,
    { name: "bundle-only" } as const,
    { name: "ice-lite" } as const,
    { name: "end-of-candidates" } as const,
  ),
  record<Extract<SdpAttribute, { name: "other" }>>({
    name: fc.constant("other"),
    key: token.map((key) => `x-${key}`),
    value: text,
  }, ["name", "key"]),
);

const bandwidth: fc.Arbitrary<SdpField> = fc.record({
  type: fc.constant("b"),
  bandwidthType: token,
  bandwidth: fc.maxSafeNat(),
});

const attributeList = fc.array(attribute, { maxLength: 8 });

const description: fc.Arbitrary<SessionDescription> = fc.record({
  fields: fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String), text, fc.array(bandwidth))
    .map(([sessionId, name, bandwidths]): SdpField[] => [
      { type: "v", version: 0 },
      {
        type: "o",
        username: "-",
        sessionId,
        sessionVersion: "1",
        netType: "IN",
        addressType: "IP4",
        address: "127.0.0.1",
      },
      { type: "s", text: name },
      ...bandwidths,
      { type: "t", start: 0, stop: 0 },
    ]),
  attributes: attributeList,
  media: fc.array(
    fc.record({
      media: fc.record({
        type: fc.constant("m" as const),
        media: token,
        port,
        protocol: fc.array(token, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
        formats: fc.array(token, { minLength: 1, maxLength: 5 }),
      }),
      fields: fc.array(bandwidth, { maxLength: 2 }),
      attributes: attributeList,
    }),
    { maxLength: 4 },
  ),
});

/** Objects of fast-check have no prototype where the parser's do; JSON makes them alike. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

test("parseSdp(writeSdp(model)) is the model, for any model", () => {
  fc.assert(
    fc.property(description, (model) => {
      const written = writeSdp(model);
      const again = parseSdp(written);
      assert.deepEqual(plain(again), plain(model));
      assert.equal(writeSdp(again), written);
    }),
    fuzz(300, SEED),
  );
});

test("parseCandidate(formatCandidate(candidate)) is the candidate", () => {
  fc.assert(
    fc.property(candidate, (model) => {
      assert.deepEqual(plain(parseCandidate(formatCandidate(model))), plain(model));
    }),
    fuzz(500, SEED),
  );
});

/** Whatever the text: an answer or an SdpError that names a line of it, and what is read is kept. */
function parsesOrExplains(input: string): void {
  const result = tryParseSdp(input);
  if (!result.ok) {
    assert.ok(result.error instanceof SdpError);
    assert.ok(result.error.line >= 1 && result.error.line <= input.split("\n").length + 1);
    return;
  }
  const written = writeSdp(result.description);
  const again = parseSdp(written);
  assert.deepEqual(again, result.description);
  assert.equal(writeSdp(again), written);
}

const SHORT_FIXTURES = FIXTURES.map(fixture).filter((whole) => whole.length < 3000);
const piece = fc.oneof(
  fc.constantFrom("\r\n", "\n", "\r", "\0", "=", ":", " ", "a=", "m=", "[", "]", ";", ",", "/"),
  fc.constantFrom("\r\na=candidate:", "99999999999999999999", "-1", "\ud800", "~", "a=simulcast:"),
  fc.string({ maxLength: 6 }),
);

/** Positions without fast-check's liking for 0, which would break the first line every time. */
const position = fc.noBias(fc.nat(0x7fffffff));

type Edit = (text: string) => string;

const characterEdit: fc.Arbitrary<Edit> = fc.record({ position, drop: fc.nat(3), piece }).map(
  ({ position, drop, piece }) => (text) => {
    const at = position % (text.length + 1);
    return text.slice(0, at) + piece + text.slice(at + drop);
  },
);

const lineEdit: fc.Arbitrary<Edit> = fc.record({ from: position, to: position, keep: fc.boolean() })
  .map(({ from, to, keep }) => (text) => {
    const lines = text.split("\r\n");
    const line = lines[from % lines.length] ?? "";
    if (!keep) lines.splice(from % lines.length, 1);
    lines.splice(to % (lines.length + 1), 0, line);
    return lines.join("\r\n");
  });

const edits = fc.array(fc.oneof(characterEdit, lineEdit), { minLength: 1, maxLength: 3 });

test("A description with random edits is read or refused with an SdpError, and nothing else", () => {
  fc.assert(
    fc.property(fc.constantFrom(...SHORT_FIXTURES), edits, (whole, edits) => {
      parsesOrExplains(edits.reduce((text, edit) => edit(text), whole));
    }),
    fuzz(3000, SEED),
  );
});

test("Any attribute with random edits is read or refused with an SdpError", () => {
  const lines = new Set(FIXTURES.flatMap((name) => fixture(name).split("\r\n")));
  const bodies = [...lines].filter((line) => line.startsWith("a=")).map((line) => line.slice(2));
  fc.assert(
    fc.property(fc.constantFrom(...bodies), characterEdit, (body, edit) => {
      parsesOrExplains(`v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\na=${edit(body)}\r\n`);
    }),
    fuzz(5000, SEED),
  );
});

test("Any text is read or refused with an SdpError", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), parsesOrExplains), fuzz(500, SEED));
});
