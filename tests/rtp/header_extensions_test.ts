import assert from "node:assert/strict";
import fc from "fast-check";
import { hexEncode } from "../../src/base/mod.ts";
import {
  absSendTimeDistanceMs,
  absSendTimeOfMs,
  ntpMiddle32,
  ntpOfUnixMs,
  readAbsoluteCaptureTime,
  readAbsSendTime,
  readAudioLevel,
  readCsrcAudioLevel,
  readPlayoutDelay,
  readRtpStreamId,
  readSdesItem,
  readTransportSequenceNumber,
  readVideoOrientation,
  readVoiceActivity,
  roundTripMs,
  RtpError,
  sdesItemEquals,
  unixMsOfNtp,
  writeAbsoluteCaptureTime,
  writeAbsSendTime,
  writeAudioLevel,
  writeCsrcAudioLevels,
  writePlayoutDelay,
  writeSdesItem,
  writeTransportSequenceNumber,
  writeVideoOrientation,
} from "../../src/rtp/mod.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";
import { hex, u32 } from "./packets.ts";

/** What a writer writes, in the middle of a buffer. */
function written(write: (out: Uint8Array, at: number) => number): Uint8Array {
  const out = new Uint8Array(300).fill(0x5a);
  return out.slice(3, write(out, 3));
}

test("Absolute send time is 24 bits of seconds with 18 behind the point, and wraps (abs-send-time)", () => {
  assert.equal(absSendTimeOfMs(1000), 0x04_0000);
  assert.equal(absSendTimeOfMs(64_000), 0);
  assert.equal(absSendTimeOfMs(63_999), 0xff_fef9);
  assert.equal(
    Math.round(absSendTimeDistanceMs(absSendTimeOfMs(63_990), absSendTimeOfMs(64_015))),
    25,
  );
  assert.equal(
    Math.round(absSendTimeDistanceMs(absSendTimeOfMs(64_015), absSendTimeOfMs(63_990))),
    -25,
  );
  const bytes = written((out, at) => writeAbsSendTime(0x123456, out, at));
  assert.equal(hexEncode(bytes), "123456");
  assert.equal(readAbsSendTime(bytes, 0, 3), 0x123456);
  assert.equal(readAbsSendTime(bytes, 0, 2), -1);
});

test("The transport-wide sequence number is 16 bits (draft-holmer-rmcat-transport-wide-cc §2)", () => {
  const bytes = written((out, at) => writeTransportSequenceNumber(0xfffe, out, at));
  assert.equal(hexEncode(bytes), "fffe");
  assert.equal(readTransportSequenceNumber(bytes, 0, 2), 0xfffe);
  assert.equal(readTransportSequenceNumber(bytes, 0, 4), -1);
});

test("An audio level is seven bits under a bit of voice activity (RFC 6464 §3)", () => {
  const bytes = written((out, at) => writeAudioLevel(42, true, out, at));
  assert.equal(hexEncode(bytes), "aa");
  assert.equal(readAudioLevel(bytes, 0, 1), 42);
  assert.equal(readVoiceActivity(bytes, 0, 1), true);
  assert.equal(readVoiceActivity(hex("7f"), 0, 1), false);
  assert.equal(readAudioLevel(bytes, 0, 0), -1);
  assert.equal(readAudioLevel(hex("aa00"), 0, 2), -1);
  assert.equal(readVoiceActivity(bytes, 0, 0), false);
  assert.throws(() => writeAudioLevel(128, false, bytes, 0), RtpError);
});

test("A mixer says one level for each contributing source (RFC 6465 §4)", () => {
  const bytes = written((out, at) => writeCsrcAudioLevels([0, 127, 5], out, at));
  assert.equal(hexEncode(bytes), "007f05");
  assert.deepEqual([0, 1, 2, 3].map((i) => readCsrcAudioLevel(bytes, 0, 3, i)), [0, 127, 5, -1]);
  assert.throws(() => writeCsrcAudioLevels([1, -1], bytes, 0), RtpError);
});

test("MID and RtpStreamId are bare text (RFC 7941 §4.1, RFC 8852 §3)", () => {
  const bytes = written((out, at) => writeSdesItem("hi0", out, at));
  assert.equal(hexEncode(bytes), "686930");
  assert.equal(readSdesItem(bytes, 0, 3), "hi0");
  assert.equal(readRtpStreamId(bytes, 0, 3), "hi0");
  assert.equal(sdesItemEquals(bytes, 0, 3, hex("686930")), true);
  assert.equal(sdesItemEquals(bytes, 0, 3, hex("686931")), false);
  assert.equal(sdesItemEquals(bytes, 0, 2, hex("686930")), false);
  assert.equal(readSdesItem(bytes, 0, 0), undefined, "empty");
  assert.equal(readSdesItem(hex("ff"), 0, 1), undefined, "not UTF-8");
  assert.equal(readRtpStreamId(hex("612d62"), 0, 3), undefined, "a-b");
  assert.throws(() => writeSdesItem("", bytes, 0), RtpError);
  assert.throws(() => writeSdesItem("m".repeat(256), bytes, 0), RtpError);
});

test("Video orientation is C, F and two bits of rotation (3GPP TS 26.114 §7.4.5)", () => {
  const orientation = { backCamera: true, flip: false, rotation: 270 } as const;
  const bytes = written((out, at) => writeVideoOrientation(orientation, out, at));
  assert.equal(hexEncode(bytes), "0b");
  for (let value = 0; value < 16; value++) {
    const read = readVideoOrientation(new Uint8Array([value | 0xf0]), 0, 1)!;
    assert.deepEqual(
      written((out, at) => writeVideoOrientation(read, out, at)),
      new Uint8Array([value]),
    );
  }
  assert.equal(readVideoOrientation(bytes, 0, 0), undefined);
});

test("Absolute capture time has an optional clock offset (abs-capture-time)", () => {
  const ntp = fc.record({ seconds: u32, fraction: u32 }, { noNullPrototype: true });
  const time = fc.record(
    { timestamp: ntp, clockOffset: fc.option(ntp, { nil: undefined }) },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(time, (value) => {
      const bytes = written((out, at) => writeAbsoluteCaptureTime(value, out, at));
      assert.equal(bytes.length, value.clockOffset === undefined ? 8 : 16);
      assert.deepEqual(readAbsoluteCaptureTime(bytes, 0, bytes.length), value);
      assert.equal(readAbsoluteCaptureTime(bytes, 0, bytes.length - 1), undefined);
    }),
    fuzz(50, 1),
  );
});

test("Playout delay is two times 12 bits of 10 ms, the least first (playout-delay)", () => {
  const bytes = written((out, at) => writePlayoutDelay({ minMs: 100, maxMs: 40_950 }, out, at));
  assert.equal(hexEncode(bytes), "00afff");
  assert.deepEqual(readPlayoutDelay(bytes, 0, 3), { minMs: 100, maxMs: 40_950 });
  assert.equal(readPlayoutDelay(bytes, 0, 2), undefined);
  assert.equal(readPlayoutDelay(hex("002001"), 0, 3), undefined, "least above most");
  assert.throws(() => writePlayoutDelay({ minMs: 0, maxMs: 40_960 }, bytes, 0), RtpError);
  assert.throws(() => writePlayoutDelay({ minMs: 20, maxMs: 10 }, bytes, 0), RtpError);
});

test("NTP times count from 1900 and wrap in 2036 (RFC 3550 §4, RFC 4330 §3)", () => {
  assert.deepEqual(ntpOfUnixMs(0), { seconds: 2_208_988_800, fraction: 0 });
  assert.deepEqual(ntpOfUnixMs(500), { seconds: 2_208_988_800, fraction: 0x8000_0000 });
  const wrap = Date.UTC(2036, 1, 7, 6, 28, 16);
  assert.deepEqual(ntpOfUnixMs(wrap), { seconds: 0, fraction: 0 });
  assert.equal(unixMsOfNtp({ seconds: 0, fraction: 0 }), wrap);
  fc.assert(
    fc.property(fc.double({ min: 0, max: Date.UTC(2100), noNaN: true }), (ms) => {
      assert.ok(Math.abs(unixMsOfNtp(ntpOfUnixMs(ms)) - ms) < 0.001);
    }),
    fuzz(200, 5905),
  );
});

test("The round trip of RFC 3550 figure 2 is 6.125 s (§6.4.1)", () => {
  assert.equal(ntpMiddle32({ seconds: 0xb44db705, fraction: 0x20000000 }), 0xb7052000);
  assert.equal(roundTripMs(0xb7108000, 0xb7052000, 0x00054000), 6125);
  assert.equal(roundTripMs(0xb7108000, 0, 0x00054000), undefined, "no sender report yet");
  assert.equal(roundTripMs(0xb7108000, 0xb7052000, 0x00ff4000), undefined, "longer than it took");
  assert.equal(roundTripMs(0x00008000, 0xffff8000, 0), 1000, "over the wrap");
});
