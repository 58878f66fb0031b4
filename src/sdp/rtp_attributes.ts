import type { AttributeCodecs } from "./codec.ts";
import type { MediaDirection, Parameter } from "./attributes.ts";
import { cut, type Source, words } from "./source.ts";

/** RFC 3550 §5.1: the payload type has seven bits. */
const MAX_PAYLOAD_TYPE = 127;
const MAX_CLOCK_RATE = 0xffffffff;
/** RFC 8285 §8: 1–255 are in use, 4096–4351 are candidates of an offer for them. */
const MAX_EXTENSION_ID = 255;
const MIN_PROVISIONAL_ID = 4096;
const MAX_PROVISIONAL_ID = 4351;

/** The media directions, as words of the grammar. */
export const DIRECTIONS: readonly MediaDirection[] = [
  "sendrecv",
  "sendonly",
  "recvonly",
  "inactive",
];

/** A payload type, or "*" for all of the section. */
export function payloadTypeOrAll(text: string | undefined, source: Source): number | "*" {
  return text === "*" ? "*" : source.integer(text, 0, MAX_PAYLOAD_TYPE, "a payload type");
}

/** "name=value" or "name". */
export function readParameter(text: string, source: Source): Parameter {
  const [name, value] = cut(text, "=");
  const trimmed = source.present(name.trim(), "a parameter name");
  return value === undefined ? { name: trimmed } : { name: trimmed, value: value.trim() };
}

/** The reverse of `readParameter`. */
export function formatParameter({ name, value }: Parameter): string {
  return value === undefined ? name : `${name}=${value}`;
}

function extensionId(text: string, source: Source): number {
  const id = source.integer(text, 1, MAX_PROVISIONAL_ID, "an extension ID");
  if (id > MAX_EXTENSION_ID && id < MIN_PROVISIONAL_ID) {
    source.fail(`an extension ID of 1–${MAX_EXTENSION_ID} or 4096–${MAX_PROVISIONAL_ID}`);
  }
  return id;
}

/** RFC 8866, RFC 4585, RFC 3605, RFC 8285. */
export const RTP_CODECS: Pick<
  AttributeCodecs,
  "rtpmap" | "fmtp" | "rtcp-fb" | "rtcp" | "ptime" | "maxptime" | "framerate" | "extmap"
> = {
  rtpmap: {
    parse(value, source) {
      const parts = words(value);
      source.end(parts, 2);
      const payloadType = source.integer(parts[0], 0, MAX_PAYLOAD_TYPE, "a payload type");
      const [encoding, rate, channels, ...rest] = (parts[1] ?? "").split("/");
      if (rest.length > 0) source.fail("an encoding, a clock rate and a number of channels");
      const map = {
        name: "rtpmap" as const,
        payloadType,
        encoding: source.token(encoding, "an encoding"),
        clockRate: source.integer(rate, 1, MAX_CLOCK_RATE, "a clock rate"),
      };
      if (channels === undefined) return map;
      return { ...map, channels: source.integer(channels, 1, 255, "a number of channels") };
    },
    format({ payloadType, encoding, clockRate, channels }) {
      const map = `${payloadType} ${encoding}/${clockRate}`;
      return channels === undefined ? map : `${map}/${channels}`;
    },
  },
  fmtp: {
    parse(value, source) {
      const [format, text] = cut(value, " ");
      const pieces = (text ?? "").split(";").filter((piece) => piece.trim() !== "");
      if (pieces.length === 0) source.fail("a format and its parameters");
      return {
        name: "fmtp",
        format: source.token(format, "a format"),
        parameters: pieces.map((piece) => readParameter(piece, source)),
      };
    },
    format: ({ format, parameters }) => `${format} ${parameters.map(formatParameter).join(";")}`,
  },
  "rtcp-fb": {
    parse(value, source) {
      const [type, feedback, ...rest] = words(value);
      const head = {
        name: "rtcp-fb" as const,
        payloadType: payloadTypeOrAll(type, source),
        feedback: source.token(feedback, "a feedback type"),
      };
      return rest.length === 0 ? head : { ...head, parameter: rest.join(" ") };
    },
    format: ({ payloadType, feedback, parameter }) =>
      parameter === undefined
        ? `${payloadType} ${feedback}`
        : `${payloadType} ${feedback} ${parameter}`,
  },
  rtcp: {
    parse(value, source) {
      const parts = words(value);
      source.end(parts, 4);
      const port = source.integer(parts[0], 0, 65535, "a port");
      if (parts.length === 1) return { name: "rtcp", port };
      return {
        name: "rtcp",
        port,
        netType: source.token(parts[1], "a network type"),
        addressType: source.token(parts[2], "an address type"),
        address: source.present(parts[3], "an address"),
      };
    },
    format: ({ port, netType, addressType, address }) =>
      netType === undefined ? String(port) : `${port} ${netType} ${addressType} ${address}`,
  },
  ptime: {
    parse: (value, source) => ({ name: "ptime", value: source.positive(value, "milliseconds") }),
    format: ({ value }) => String(value),
  },
  maxptime: {
    parse: (value, source) => ({ name: "maxptime", value: source.positive(value, "milliseconds") }),
    format: ({ value }) => String(value),
  },
  framerate: {
    parse: (value, source) => ({ name: "framerate", value: source.positive(value, "a rate") }),
    format: ({ value }) => String(value),
  },
  extmap: {
    parse(value, source) {
      const [head, rest] = cut(value.trimStart(), " ");
      const [id, direction] = cut(head, "/");
      const [uri, attributes] = cut((rest ?? "").trim(), " ");
      return {
        name: "extmap",
        id: extensionId(id, source),
        ...(direction === undefined
          ? {}
          : { direction: source.oneOf(direction, DIRECTIONS, "a direction") }),
        uri: source.present(uri, "the URI of an extension"),
        ...(attributes === undefined ? {} : { attributes }),
      };
    },
    format({ id, direction, uri, attributes }) {
      const head = direction === undefined ? `${id} ${uri}` : `${id}/${direction} ${uri}`;
      return attributes === undefined ? head : `${head} ${attributes}`;
    },
  },
};
