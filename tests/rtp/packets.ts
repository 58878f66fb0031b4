/** Packets to test with: made of fields, damaged, or random. */
import fc from "fast-check";
import { hexDecode } from "../../src/base/mod.ts";
import { type RtpElement, type RtpPacketFields, writeRtpPacket } from "../../src/rtp/mod.ts";

/** The bytes of hexadecimal text that is right. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  return hexDecode(text)!;
}

/** A whole packet in a buffer of its own. */
export function packetOf(fields: RtpPacketFields): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(70_000);
  return out.slice(0, writeRtpPacket(fields, out, 0));
}

/** 32 bits. */
export const u32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff_ffff });

const element = (maxId: number, maxLength: number): fc.Arbitrary<RtpElement> =>
  fc.record({
    id: fc.integer({ min: 1, max: maxId }),
    data: fc.uint8Array({ minLength: maxId > 14 ? 0 : 1, maxLength }),
  }, { noNullPrototype: true });

const elements = fc.oneof(
  fc.uniqueArray(element(14, 16), { maxLength: 14, selector: ({ id }) => id }),
  fc.uniqueArray(element(255, 40), { maxLength: 24, selector: ({ id }) => id }),
);

/** Fields that `writeRtpPacket` takes, every one of them given. */
export const rtpFields: fc.Arbitrary<
  Required<Omit<RtpPacketFields, "elements">> & Pick<RtpPacketFields, "elements">
> = fc.record({
  marker: fc.boolean(),
  payloadType: fc.nat(127),
  sequenceNumber: fc.nat(0xffff),
  timestamp: u32,
  ssrc: u32,
  csrcs: fc.array(u32, { maxLength: 15 }),
  elements,
  twoByteElements: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 80 }),
  paddingLength: fc.oneof(fc.constant(0), fc.nat(255)),
}, {
  noNullPrototype: true,
  requiredKeys: [
    "marker",
    "payloadType",
    "sequenceNumber",
    "timestamp",
    "ssrc",
    "csrcs",
    "twoByteElements",
    "payload",
    "paddingLength",
  ],
});

/** Damages bytes: some replaced, perhaps the end cut off. */
export function damaged(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  return fc.tuple(bytes, fc.array(change, { maxLength: 4 }), fc.option(fc.nat())).map(
    ([intact, changes, cut]) => {
      const copy = intact.slice(0, cut === null ? undefined : cut % (intact.length + 1));
      for (const [at, value] of changes) if (copy.length > 0) copy[at % copy.length] = value;
      return copy;
    },
  );
}

/** Bytes whose header says that a header extension of one of the two forms follows. */
const randomExtension = fc.tuple(
  fc.uint8Array({ minLength: 20, maxLength: 80 }),
  fc.constantFrom(0xbede, 0x1000, 0x100f, 0x1234),
  fc.nat(15),
  fc.boolean(),
).map(([bytes, profile, words, padded]) => {
  bytes[0] = padded ? 0xb0 : 0x90;
  bytes[12] = profile >>> 8;
  bytes[13] = profile & 0xff;
  bytes[14] = 0;
  bytes[15] = words;
  return bytes;
});

/** What a network might hand to a parser of RTP packets. */
export const rtpDatagram: fc.Arbitrary<Uint8Array> = fc.oneof(
  rtpFields.map(packetOf),
  damaged(rtpFields.map(packetOf)),
  randomExtension,
  fc.uint8Array({ maxLength: 60 }),
);
