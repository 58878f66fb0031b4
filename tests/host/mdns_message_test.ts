import assert from "node:assert/strict";
import fc from "fast-check";
import { concatBytes, hexDecode, utf8Encode } from "../../src/base/mod.ts";
import {
  isMdnsName,
  type MdnsAnswer,
  parseMdnsResponse,
  writeMdnsQuery,
} from "../../src/host/mdns_message.ts";
import { test } from "../harness.ts";

const NAME = "1f4712db-ea17-4bcf-a596-105139dfd8bf.local";

function hex(text: string): Uint8Array {
  return hexDecode(text)!;
}

function label(text: string): Uint8Array {
  return concatBytes(Uint8Array.of(utf8Encode(text).length), utf8Encode(text));
}

/** The name as it stands in a message. */
function encodedName(name: string): Uint8Array {
  return concatBytes(...name.split(".").map(label), Uint8Array.of(0));
}

function header(flags: string, questions: number, answers: number, additional = 0): Uint8Array {
  return concatBytes(
    hex("0000" + flags),
    Uint8Array.of(0, questions, 0, answers, 0, 0, 0, additional),
  );
}

/** TTL 120, class IN with the cache-flush bit. */
function record(name: Uint8Array, type: number, data: Uint8Array, rdclass = "8001"): Uint8Array {
  const fixed = concatBytes(Uint8Array.of(0, type), hex(rdclass), hex("00000078"));
  return concatBytes(name, fixed, Uint8Array.of(data.length >> 8, data.length & 255), data);
}

const IPV4 = Uint8Array.of(192, 0, 2, 7);
const IPV6 = hex("20010db8000000000000000000000007");

test("a query asks one question, for a multicast answer (RFC 6762 §18)", () => {
  const expected = concatBytes(header("0000", 1, 0), encodedName(NAME), hex("00010001"));
  assert.deepEqual(writeMdnsQuery(NAME, "A"), expected);
  const again = concatBytes(header("0000", 1, 0), encodedName(NAME), hex("001c0001"));
  assert.deepEqual(writeMdnsQuery(NAME, "AAAA"), again);
});

test("addresses are read from answers and additional records (RFC 6762 §6)", () => {
  const response = concatBytes(
    header("8400", 0, 1, 1),
    record(encodedName(NAME.toUpperCase()), 1, IPV4),
    record(encodedName("other.local"), 28, IPV6),
  );
  assert.deepEqual(parseMdnsResponse(response), [
    { name: NAME, ip: "192.0.2.7" },
    { name: "other.local", ip: "2001:db8::7" },
  ]);
});

test("compressed names are followed, backwards only (RFC 1035 §4.1.4)", () => {
  const response = concatBytes(
    header("8400", 1, 3),
    encodedName(NAME), // the question, at offset 12
    hex("00010001"),
    record(hex("c00c"), 1, IPV4),
    record(concatBytes(label("x"), hex("c031")), 28, IPV6), // "x" and the question's "local"
    record(encodedName("z.local"), 16, utf8Encode("txt")),
  );
  assert.deepEqual(parseMdnsResponse(response), [
    { name: NAME, ip: "192.0.2.7" },
    { name: "x.local", ip: "2001:db8::7" },
  ]);
  for (const pointer of ["c00c", "c00d", "ffff"]) {
    const loop = concatBytes(header("8400", 0, 1), record(hex(pointer), 1, IPV4));
    assert.deepEqual(parseMdnsResponse(loop), [], pointer);
  }
});

test("queries, other classes and addresses of the wrong length say nothing", () => {
  const name = encodedName(NAME);
  for (
    const bytes of [
      writeMdnsQuery(NAME, "A"),
      concatBytes(header("0000", 0, 1), record(name, 1, IPV4)),
      concatBytes(header("8400", 0, 1), record(name, 1, IPV4, "8003")),
      concatBytes(header("8400", 0, 1), record(name, 1, IPV6)),
      concatBytes(header("8400", 0, 1), record(name, 28, IPV4)),
      concatBytes(header("8400", 0, 1), record(name, 1, new Uint8Array(0))),
      concatBytes(header("8400", 0, 200), record(name, 1, IPV4)),
    ]
  ) assert.deepEqual(parseMdnsResponse(bytes), []);
});

test("a truncated response yields the records that are whole, and never throws", () => {
  const response = concatBytes(
    header("8400", 0, 2),
    record(encodedName("a.local"), 1, IPV4),
    record(encodedName("b.local"), 1, IPV4),
  );
  for (let length = 0; length < response.length; length++) {
    assert.ok(parseMdnsResponse(response.subarray(0, length)).length < 2);
  }
});

test("only names below .local can be asked for (RFC 6762 §3)", () => {
  assert.ok(isMdnsName(NAME) && isMdnsName("A.LOCAL") && isMdnsName("a.b.local"));
  const long = `${"a".repeat(64)}.local`, huge = `${"a.".repeat(130)}local`;
  for (const name of ["local", ".local", "a..local", "example.com", "a.local.", long, huge, ""]) {
    assert.equal(isMdnsName(name), false, name);
  }
});

test("the parser never throws and its answers are bounded, whatever the bytes (fuzz)", () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const framed = fc.tuple(fc.nat(3), fc.nat(8), bytes).map(([questions, answers, rest]) =>
    concatBytes(header("8400", questions, answers), rest)
  );
  fc.assert(
    fc.property(fc.oneof(bytes, framed), (message) => {
      const answers: MdnsAnswer[] = parseMdnsResponse(message);
      assert.ok(answers.length <= 64);
      for (const { name } of answers) assert.ok(name.length <= 3 * 255);
    }),
    { seed: 5353, numRuns: 5000 },
  );
});
