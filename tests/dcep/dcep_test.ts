import assert from "node:assert/strict";
import fc from "fast-check";
import { hexDecode, hexEncode } from "../../src/base/mod.ts";
import {
  type DataChannelOpen,
  DcepError,
  OPEN_HEADER_BYTES,
  parseDcepMessage,
  PPID,
  writeDataChannelAck,
  writeDataChannelOpen,
} from "../../src/dcep/mod.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";

function open(fields: Partial<DataChannelOpen>): DataChannelOpen {
  return {
    type: "open",
    label: "",
    protocol: "",
    ordered: true,
    maxRetransmits: undefined,
    maxLifetimeMs: undefined,
    priority: 256,
    ...fields,
  };
}

function write(message: DataChannelOpen): Uint8Array {
  const out = new Uint8Array(OPEN_HEADER_BYTES + 3 * 2 * 65536);
  return out.subarray(0, writeDataChannelOpen(message, out, 0));
}

test("DATA_CHANNEL_OPEN has the layout of RFC 8832 §5.1", () => {
  const bytes = write(open({ label: "ü", protocol: "p", maxRetransmits: 5, priority: 512 }));
  assert.equal(hexEncode(bytes), "0301020000000005" + "00020001" + "c3bc" + "70");
});

test("DATA_CHANNEL_OPEN names each channel type (RFC 8832 §5.1)", () => {
  const type = (fields: Partial<DataChannelOpen>) => write(open(fields))[1];
  assert.equal(type({}), 0x00);
  assert.equal(type({ ordered: false }), 0x80);
  assert.equal(type({ maxRetransmits: 0 }), 0x01);
  assert.equal(type({ ordered: false, maxRetransmits: 0 }), 0x81);
  assert.equal(type({ maxLifetimeMs: 1 }), 0x02);
  assert.equal(type({ ordered: false, maxLifetimeMs: 1 }), 0x82);
});

test("DATA_CHANNEL_ACK is the single byte 2 (RFC 8832 §5.2)", () => {
  const out = new Uint8Array(1);
  assert.equal(writeDataChannelAck(out, 0), 1);
  assert.deepEqual(out, new Uint8Array([2]));
  assert.deepEqual(parseDcepMessage(out), { type: "ack" });
});

test("Labels and protocols of 65535 bytes fit, longer ones are refused (RFC 8832 §5.1)", () => {
  const message = open({ label: "l".repeat(65535), protocol: "ä".repeat(32767) });
  assert.deepEqual(parseDcepMessage(write(message)), message);
  assert.throws(() => write(open({ label: "l".repeat(65536) })), DcepError);
  assert.throws(() => write(open({ protocol: "ä".repeat(32768) })), DcepError);
  assert.throws(() => write(open({ maxRetransmits: 1, maxLifetimeMs: 1 })), DcepError);
});

test("What was written is read again, whatever the label (RFC 8832 §5.1)", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  const limit = fc.oneof(
    fc.constant({}),
    fc.record({ maxRetransmits: fc.nat(0xffff) }),
    fc.record({ maxLifetimeMs: fc.nat(0xffff) }),
  );
  fc.assert(
    fc.property(
      text,
      text,
      fc.boolean(),
      limit,
      fc.nat(0xffff),
      (label, protocol, ordered, l, p) => {
        const message = open({ label, protocol, ordered, priority: p, ...l });
        assert.deepEqual(parseDcepMessage(write(message)), message);
      },
    ),
    fuzz(200, 8832),
  );
});

test("Truncated, overlong and unknown messages are refused (RFC 8832 §5)", () => {
  const bytes = write(open({ label: "label", protocol: "protocol" }));
  for (let n = 0; n < bytes.length; n++) {
    assert.equal(parseDcepMessage(bytes.subarray(0, n)), undefined);
  }
  assert.equal(parseDcepMessage(new Uint8Array([...bytes, 0])), undefined);
  assert.equal(parseDcepMessage(hexDecode("0303" + "0".repeat(20))!), undefined);
  assert.equal(parseDcepMessage(new Uint8Array([1])), undefined);
});

test("The parser never throws (RFC 8832)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(2, 3, 7), (bytes, type) => {
      if (bytes.length > 0) bytes[0] = type;
      parseDcepMessage(bytes);
    }),
    fuzz(500, 8833),
  );
});

test("PPIDs are those registered for WebRTC (RFC 8831 §8)", () => {
  assert.deepEqual(PPID, { dcep: 50, string: 51, binary: 53, stringEmpty: 56, binaryEmpty: 57 });
});
