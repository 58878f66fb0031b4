import type { ConnectionField, MediaLine, SdpField } from "./model.ts";
import { keepOriginal, originalOf } from "./original_text.ts";
import { cut, isDigits, type Source, words } from "./source.ts";

/** RFC 8866 §9: the numbers of `o=` need at most 64 bits, 20 digits. */
const MAX_ORIGIN_DIGITS = 20;

/** The type letters of lines whose value is text. */
const TEXT_TYPES = ["s", "i", "u", "e", "p", "r", "z", "k"] as const;

/** Reads the value of any line but `m=` and `a=`. */
export function readField(type: string, value: string, source: Source): SdpField {
  const field = parseField(type, value, source);
  return canonicalField(field) === value ? field : keepOriginal(field, value);
}

/** The value of the line: its original text when it was parsed, else the usual form. */
export function fieldText(field: SdpField): string {
  return originalOf(field) ?? canonicalField(field);
}

/** Reads the value of `m=` (RFC 8866 §5.14). */
export function readMediaLine(value: string, source: Source): MediaLine {
  const [media, ports, protocol, ...formats] = words(value);
  const [port, count] = cut(ports ?? "", "/");
  if (formats.length === 0) source.fail("a media type, a port, a protocol and formats");
  for (const format of formats) source.token(format, "a format");
  const line: MediaLine = {
    type: "m",
    media: source.token(media, "a media type"),
    port: source.integer(port, 0, 65535, "a port"),
    ...(count === undefined
      ? {}
      : { portCount: source.integer(count, 1, 65535, "a number of ports") }),
    protocol: readProtocol(protocol, source),
    formats,
  };
  return canonicalMediaLine(line) === value ? line : keepOriginal(line, value);
}

/** The value of `m=`. */
export function mediaLineText(line: MediaLine): string {
  return originalOf(line) ?? canonicalMediaLine(line);
}

/** RFC 8866 §9: proto = token *("/" token). */
function readProtocol(text: string | undefined, source: Source): string {
  for (const part of (text ?? "").split("/")) source.token(part, "a protocol");
  return text ?? "";
}

function canonicalMediaLine({ media, port, portCount, protocol, formats }: MediaLine): string {
  const ports = portCount === undefined ? port : `${port}/${portCount}`;
  return [media, ports, protocol, ...formats].join(" ");
}

function parseField(type: string, value: string, source: Source): SdpField {
  switch (type) {
    case "v":
      return value.trimEnd() === "0" ? { type: "v", version: 0 } : source.fail("version 0");
    case "o":
      return readOrigin(value, source);
    case "c":
      return readConnection(value, source);
    case "b":
      return readBandwidth(value, source);
    case "t":
      return readTime(value, source);
    default:
      return { type: source.oneOf(type, TEXT_TYPES, "a type letter"), text: value };
  }
}

function readOrigin(value: string, source: Source): SdpField {
  const parts = words(value);
  const [username, sessionId, sessionVersion, netType, addressType, address] = parts;
  source.end(parts, 6);
  return {
    type: "o",
    username: source.present(username, "a user name"),
    sessionId: readOriginNumber(sessionId, "a session ID", source),
    sessionVersion: readOriginNumber(sessionVersion, "a session version", source),
    netType: source.token(netType, "a network type"),
    addressType: source.token(addressType, "an address type"),
    address: source.present(address, "an address"),
  };
}

function readOriginNumber(text: string | undefined, what: string, source: Source): string {
  if (text !== undefined && text.length <= MAX_ORIGIN_DIGITS && isDigits(text)) return text;
  return source.fail(`${what} of up to ${MAX_ORIGIN_DIGITS} digits`);
}

function readConnection(value: string, source: Source): SdpField {
  const parts = words(value);
  source.end(parts, 3);
  const [netType, addressType, destination] = parts;
  const [address, ...suffix] = (destination ?? "").split("/");
  if (suffix.length > 2) source.fail("an address, a TTL and a number of addresses");
  const field: ConnectionField = {
    type: "c",
    netType: source.token(netType, "a network type"),
    addressType: source.token(addressType, "an address type"),
    address: source.present(address, "an address"),
  };
  if (suffix.length === 0) return field;
  return {
    ...field,
    suffix: suffix.map((text) => source.integer(text, 0, 65535, "a TTL or a number of addresses")),
  };
}

function readBandwidth(value: string, source: Source): SdpField {
  const [bandwidthType, amount] = cut(value.trimEnd(), ":");
  return {
    type: "b",
    bandwidthType: source.token(bandwidthType, "a bandwidth type"),
    bandwidth: source.integer(amount, 0, Number.MAX_SAFE_INTEGER, "a bandwidth"),
  };
}

function readTime(value: string, source: Source): SdpField {
  const parts = words(value);
  source.end(parts, 2);
  return {
    type: "t",
    start: source.integer(parts[0], 0, Number.MAX_SAFE_INTEGER, "a start time"),
    stop: source.integer(parts[1], 0, Number.MAX_SAFE_INTEGER, "a stop time"),
  };
}

function canonicalField(field: SdpField): string {
  switch (field.type) {
    case "v":
      return "0";
    case "o": {
      const { username, sessionId, sessionVersion, netType, addressType, address } = field;
      return `${username} ${sessionId} ${sessionVersion} ${netType} ${addressType} ${address}`;
    }
    case "c":
      return [`${field.netType} ${field.addressType} ${field.address}`, ...field.suffix ?? []]
        .join("/");
    case "b":
      return `${field.bandwidthType}:${field.bandwidth}`;
    case "t":
      return `${field.start} ${field.stop}`;
    default:
      return field.text;
  }
}
