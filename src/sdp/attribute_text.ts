import type { FlagName, OtherAttribute, SdpAttribute } from "./attributes.ts";
import type { AttributeCodec, AttributeCodecs } from "./codec.ts";
import { DTLS_CODECS } from "./dtls_attributes.ts";
import { GROUPING_CODECS } from "./grouping_attributes.ts";
import { ICE_CODECS } from "./ice_attributes.ts";
import { IMAGEATTR_CODECS } from "./imageattr.ts";
import { keepOriginal, originalOf } from "./original_text.ts";
import { RTP_CODECS } from "./rtp_attributes.ts";
import { SCTP_CODECS } from "./sctp_attributes.ts";
import { cut, type Source } from "./source.ts";
import { STREAM_CODECS } from "./stream_attributes.ts";

const ALL_CODECS: AttributeCodecs = {
  ...ICE_CODECS,
  ...DTLS_CODECS,
  ...SCTP_CODECS,
  ...GROUPING_CODECS,
  ...RTP_CODECS,
  ...STREAM_CODECS,
  ...IMAGEATTR_CODECS,
};

/** By name; a map, so that no name in a text can reach what an object inherits. */
const CODECS: ReadonlyMap<string, AttributeCodec<SdpAttribute>> = new Map(
  Object.entries<AttributeCodec<SdpAttribute>>(ALL_CODECS),
);

const FLAGS: Readonly<Record<FlagName, true>> = {
  "sendrecv": true,
  "sendonly": true,
  "recvonly": true,
  "inactive": true,
  "ice-lite": true,
  "ice-mismatch": true,
  "end-of-candidates": true,
  "bundle-only": true,
  "rtcp-mux": true,
  "rtcp-mux-only": true,
  "rtcp-rsize": true,
  "extmap-allow-mixed": true,
};

function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

/**
 * Reads what follows `a=`. Blanks at the end belong to no value that is modelled; the original text
 * keeps them.
 */
export function readAttribute(body: string, source: Source): SdpAttribute {
  const attribute = parseBody(body, source);
  return canonicalAttribute(attribute) === body ? attribute : keepOriginal(attribute, body);
}

function parseBody(body: string, source: Source): SdpAttribute {
  const [key, value] = cut(body, ":");
  const name = value === undefined ? key.trimEnd() : key;
  if (isFlagName(name)) {
    if (value !== undefined) source.fail(`"a=${name}" without a value`);
    return { name };
  }
  const codec = CODECS.get(name);
  if (codec === undefined) {
    source.token(name, "an attribute name");
    return value === undefined ? { name: "other", key: name } : { name: "other", key: name, value };
  }
  if (value === undefined) source.fail(`"a=${name}:" and a value`);
  return codec.parse(value.trimEnd(), source);
}

/** What follows `a=`: the original text of an attribute that was parsed, else the usual form. */
export function attributeText(attribute: SdpAttribute): string {
  return originalOf(attribute) ?? canonicalAttribute(attribute);
}

function canonicalAttribute(attribute: SdpAttribute): string {
  if (attribute.name === "other") return otherText(attribute);
  const codec = CODECS.get(attribute.name);
  return codec === undefined ? attribute.name : `${attribute.name}:${codec.format(attribute)}`;
}

function otherText({ key, value }: OtherAttribute): string {
  return value === undefined ? key : `${key}:${value}`;
}
