import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseRtpRow,
  RTP_COLUMNS,
  RTP_ELEMENT_COUNT,
  RTP_ELEMENTS,
  RTP_EXTENSION_AT,
  RTP_EXTENSION_LENGTH,
  RTP_EXTENSION_PROFILE,
  RTP_FLAGS,
  RTP_MAX_ELEMENTS,
  RTP_PADDING_LENGTH,
  RTP_PAYLOAD_AT,
  RTP_PAYLOAD_LENGTH,
  RTP_SEQUENCE,
  RTP_SSRC,
  RTP_TIMESTAMP,
  rtpHeaderLength,
  rtpSequenceNumber,
  rtpSsrc,
} from "../../src/rtp/mod.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";
import { hex, packetOf, rtpDatagram } from "./packets.ts";

const UNTOUCHED = 0xdead_beef;

/** The row of a packet, or `undefined`; columns that were not written are left out. */
function row(bytes: Uint8Array, at = 0, end = bytes.length): Record<string, number> | undefined {
  const rows = new Uint32Array(3 * RTP_COLUMNS).fill(UNTOUCHED);
  const found = parseRtpRow(bytes, at, end, rows, RTP_COLUMNS);
  const written: Record<string, number> = {};
  rows.forEach((value, column) => {
    if (value !== UNTOUCHED) written[NAMES[column - RTP_COLUMNS] ?? `column ${column}`] = value;
  });
  if (!found) assert.deepEqual(written, {}, "a row of a malformed packet is untouched");
  return found ? written : undefined;
}

const NAMES: Record<number, string> = {
  [RTP_FLAGS]: "flags",
  [RTP_SEQUENCE]: "sequence",
  [RTP_TIMESTAMP]: "timestamp",
  [RTP_SSRC]: "ssrc",
  [RTP_PAYLOAD_AT]: "payloadAt",
  [RTP_PAYLOAD_LENGTH]: "payloadLength",
  [RTP_PADDING_LENGTH]: "padding",
  [RTP_EXTENSION_PROFILE]: "profile",
  [RTP_EXTENSION_AT]: "extensionAt",
  [RTP_EXTENSION_LENGTH]: "extensionLength",
  [RTP_ELEMENT_COUNT]: "count",
};
for (let i = 0; i < RTP_MAX_ELEMENTS; i++) NAMES[RTP_ELEMENTS + i] = `element ${i}`;

/** What a row must hold, found in another way: slowly, and by the drawings of the standards. */
function expectedRow(packet: Uint8Array, at: number): Record<string, number> | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const bit = (index: number) => (packet[index >> 3]! >> (7 - (index & 7))) & 1;
  if (packet.length < 12 || bit(0) !== 1 || bit(1) !== 0) return undefined;
  let rest = 12 + 4 * (packet[0]! % 16);
  const extension = { profile: 0, at: 0, length: 0 };
  if (bit(3) === 1) {
    if (rest + 4 > packet.length) return undefined;
    extension.profile = view.getUint16(rest);
    extension.length = 4 * view.getUint16(rest + 2);
    extension.at = rest + 4;
    rest += 4 + extension.length;
  }
  if (rest > packet.length) return undefined;
  let padding = 0;
  if (bit(2) === 1) {
    padding = rest < packet.length ? packet.at(-1)! : 0;
    if (padding < 1 || padding > packet.length - rest) return undefined;
  }
  const elements = [...expectedElements(packet, extension)];
  return {
    flags: view.getUint16(0),
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payloadAt: at + rest,
    payloadLength: packet.length - rest - padding,
    padding,
    profile: extension.profile,
    extensionAt: extension.at === 0 ? 0 : at + extension.at,
    extensionLength: extension.length,
    count: elements.length,
    ...Object.fromEntries(elements.slice(0, 16).map((value, i) => [`element ${i}`, value])),
  };
}

function* expectedElements(
  packet: Uint8Array,
  extension: { profile: number; at: number; length: number },
): Generator<number> {
  const oneByte = extension.profile === 0xbede;
  if (!oneByte && (extension.profile & 0xfff0) !== 0x1000) return;
  const end = extension.at + extension.length;
  for (let at = extension.at; at < end;) {
    if (packet[at] === 0) {
      at++;
      continue;
    }
    const id = oneByte ? packet[at]! >> 4 : packet[at]!;
    const dataAt = at + (oneByte ? 1 : 2);
    if (dataAt > end) return;
    const length = oneByte ? packet[at]! % 16 + 1 : packet[at + 1]!;
    if (dataAt + length > end || (oneByte && (id === 0 || id === 15))) return;
    yield id * 2 ** 24 + length * 2 ** 16 + dataAt;
    at = dataAt + length;
  }
}

test("A packet without CSRCs and extension fills a row (RFC 7714 §16: the plaintext)", () => {
  const text = "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
  assert.deepEqual(row(hex("8040f17b8041f8d35501a0b2" + text)), {
    flags: 0x8040,
    sequence: 0xf17b,
    timestamp: 0x8041f8d3,
    ssrc: 0x5501a0b2,
    payloadAt: 12,
    payloadLength: 38,
    padding: 0,
    profile: 0,
    extensionAt: 0,
    extensionLength: 0,
    count: 0,
  });
});

/** RFC 9335 appendix A.1: the packets before encryption. */
const CRYPTEX = {
  oneByte: "900f1235decafbadcafebabebede000151000200",
  twoByte: "900f1236decafbadcafebabe1000000105020002",
  oneByteAndCsrcs: "920f1238decafbadcafebabe0001e2400000b26ebede000151000200",
  twoByteAndCsrcs: "920f1239decafbadcafebabe0001e2400000b26e1000000105020002",
  emptyAndCsrcs: "920f123adecafbadcafebabe0001e2400000b26ebede0000",
};

test("Rows list elements of both forms, behind CSRCs, too (RFC 9335 appendix A.1)", () => {
  const payload = "ab".repeat(16);
  const columns = (header: string) => {
    const { profile, extensionAt, extensionLength, count, payloadAt, payloadLength, ...rest } = row(
      hex(header + payload),
    )!;
    assert.equal(payloadLength, 16);
    return [profile, extensionAt, extensionLength, count, rest["element 0"], payloadAt];
  };
  assert.deepEqual(columns(CRYPTEX.oneByte), [0xbede, 16, 4, 1, 0x05020011, 20]);
  assert.deepEqual(columns(CRYPTEX.twoByte), [0x1000, 16, 4, 1, 0x05020012, 20]);
  assert.deepEqual(columns(CRYPTEX.oneByteAndCsrcs), [0xbede, 24, 4, 1, 0x05020019, 28]);
  assert.deepEqual(columns(CRYPTEX.twoByteAndCsrcs), [0x1000, 24, 4, 1, 0x0502001a, 28]);
  assert.deepEqual(columns(CRYPTEX.emptyAndCsrcs), [0xbede, 24, 0, 0, undefined, 24]);
});

/** A packet with an extension of these bytes and no payload. */
function withExtension(profile: string, data: string): Uint8Array {
  const words = (data.length / 8).toString(16).padStart(4, "0");
  return hex("90600001" + "00".repeat(8) + profile + words + data);
}

function elementsOf(profile: string, data: string): number[] {
  const found = row(withExtension(profile, data))!;
  const listed = Math.min(RTP_MAX_ELEMENTS, found["count"]!);
  return Array.from({ length: listed }, (_, i) => found[`element ${i}`]!);
}

test("The one-byte form skips padding and ends at identifier 15 (RFC 8285 §4.2)", () => {
  assert.deepEqual(elementsOf("bede", "10aa000021bbcc00f0dd30ee"), [0x01010011, 0x02020015]);
  assert.deepEqual(elementsOf("bede", "e0aaf0bb"), [0x0e010011]);
  assert.deepEqual(elementsOf("bede", "00000000"), []);
});

test("Identifier 0 with a length and elements that leave the extension end it (RFC 8285 §4.2)", () => {
  assert.deepEqual(elementsOf("bede", "10aa01bb20cc0000"), [0x01010011]);
  assert.deepEqual(elementsOf("bede", "10aa22bb"), [0x01010011]);
  assert.deepEqual(elementsOf("bede", "1000003f"), [0x01010011]);
});

test("The two-byte form has elements without data and identifier 15 (RFC 8285 §4.3)", () => {
  assert.deepEqual(elementsOf("1000", "01000f01aa000000"), [0x01000012, 0x0f010014]);
  assert.deepEqual(elementsOf("100f", "ff01aa00"), [0xff010012]);
  assert.deepEqual(elementsOf("1000", "000002ff"), []);
  assert.deepEqual(elementsOf("1000", "00000002"), []);
  assert.deepEqual(elementsOf("1000", "0102aabb00000003"), [0x01020012]);
});

test("Other profiles have an extension without elements (RFC 3550 §5.3.1)", () => {
  const found = row(withExtension("1234", "10aa0000"))!;
  assert.deepEqual([found["profile"], found["extensionLength"], found["count"]], [0x1234, 4, 0]);
  assert.equal(row(withExtension("1010", "01000000"))!["count"], 0);
});

test("Elements beyond those that a row has room for are counted (RFC 8285 §4.3)", () => {
  const data = "0100".repeat(18);
  const found = row(withExtension("1000", data))!;
  assert.equal(found["count"], 18);
  assert.equal(found["element 15"], 0x0100_0000 + 16 + 32);
});

test("Padding is 1 to all of what is behind the header (RFC 3550 appendix A.1)", () => {
  const padded = (payload: string) => row(hex("a0600001" + "00".repeat(8) + payload));
  assert.deepEqual(
    [padded("aabb02")!["payloadLength"], padded("aabb02")!["padding"]],
    [1, 2],
  );
  assert.equal(padded("000003")!["payloadLength"], 0, "a probe is all padding");
  assert.equal(padded("000004"), undefined);
  assert.equal(padded("000000"), undefined);
  assert.equal(padded(""), undefined);
});

test("What leaves the packet and other versions are refused (RFC 3550 appendix A.1)", () => {
  const whole = packetOf({
    payloadType: 96,
    sequenceNumber: 1,
    timestamp: 2,
    ssrc: 3,
    csrcs: [4, 5],
    elements: [{ id: 1, data: hex("aabb") }],
  });
  assert.notEqual(row(whole), undefined);
  for (let length = 0; length < whole.length; length++) {
    assert.equal(row(whole.subarray(0, length)), undefined, `${length} bytes`);
    assert.equal(rtpHeaderLength(whole, 0, length), -1);
  }
  for (const version of [0, 1, 3]) {
    const other = whole.slice();
    other[0] = (other[0]! & 0x3f) | (version << 6);
    assert.equal(row(other), undefined, `version ${version}`);
  }
  const long = new Uint8Array(65536);
  long[0] = 0x80;
  assert.equal(row(long), undefined, "no datagram is that long");
  assert.equal(row(long.subarray(0, 65535))!["payloadLength"], 65523);
});

test("Rows agree with a slow reading of the standards, at any offset (RFC 3550 §5.1, RFC 8285)", () => {
  fc.assert(
    fc.property(rtpDatagram, fc.nat(40), fc.nat(3), (packet, before, behind) => {
      const bytes = new Uint8Array(before + packet.length + behind).fill(0x5a);
      bytes.set(packet, before);
      const end = before + packet.length;
      const expected = expectedRow(packet, before);
      assert.deepEqual(row(bytes, before, end), expected);
      const headerLength = rtpHeaderLength(bytes, before, end);
      if (expected === undefined) return;
      assert.equal(headerLength, expected["payloadAt"]! - before);
      assert.equal(rtpSequenceNumber(bytes, before), expected["sequence"]);
      assert.equal(rtpSsrc(bytes, before), expected["ssrc"]);
    }),
    fuzz(1500, 3550),
  );
});
