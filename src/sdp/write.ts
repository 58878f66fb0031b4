import { attributeText, readAttribute } from "./attribute_text.ts";
import type { SdpAttribute } from "./attributes.ts";
import { SdpError } from "./errors.ts";
import { fieldText, mediaLineText, readField, readMediaLine } from "./fields.ts";
import type { MediaLine, SdpField, SdpSection, SessionDescription } from "./model.ts";
import { Source } from "./source.ts";

/**
 * Writes a session description. Lines end in CRLF (RFC 8866 §5). What was parsed and left alone is
 * written as it was; what is new, in the form of its RFC.
 *
 * @throws SdpError with code "unwritable" when a line could not be read back, such as a value with a
 * line break, which would put lines of somebody else's choice into the description
 *
 * @example
 * ```ts
 * import { parseSdp, writeSdp } from "@sterna/webrtc/sdp";
 *
 * const text = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=x-mine:1\r\n";
 * console.log(writeSdp(parseSdp(text)) === text); // true
 * ```
 */
export function writeSdp(description: SessionDescription): string {
  const lines: string[] = [];
  writeSection(description, lines);
  for (const section of description.media) {
    lines.push(writeLine(section.media));
    writeSection(section, lines);
  }
  return lines.join("\r\n") + "\r\n";
}

/**
 * Writes one line, without its line break.
 *
 * @throws SdpError with code "unwritable", as `writeSdp`
 */
export function writeLine(line: SdpField | MediaLine | SdpAttribute): string {
  const text = lineText(line);
  if (text.includes("\r") || text.includes("\n") || text.includes("\0")) {
    throw new SdpError("unwritable", 0, "a value without line breaks and NUL", text);
  }
  const source = new Source("unwritable", 0, text);
  if ("name" in line) readAttribute(text.slice(2), source);
  else if (line.type === "m") readMediaLine(text.slice(2), source);
  else readField(line.type, text.slice(2), source);
  return text;
}

function writeSection(section: SdpSection, lines: string[]): void {
  for (const field of section.fields) lines.push(writeLine(field));
  for (const attribute of section.attributes) lines.push(writeLine(attribute));
}

function lineText(line: SdpField | MediaLine | SdpAttribute): string {
  if ("name" in line) return `a=${attributeText(line)}`;
  return line.type === "m" ? `m=${mediaLineText(line)}` : `${line.type}=${fieldText(line)}`;
}
