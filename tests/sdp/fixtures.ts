import { readdirSync, readFileSync } from "node:fs";
import {
  type MediaSection,
  parseSdp,
  type SdpAttribute,
  type SessionDescription,
} from "../../src/sdp/mod.ts";

const FOLDER = new URL("./fixtures/", import.meta.url);

/** Names of all stored descriptions: of browsers and other stacks as they sent them, and of RFCs. */
export const FIXTURES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sdp")).map((name) => name.slice(0, -4)).sort();

/** The text of a stored description. */
export function fixture(name: string): string {
  return readFileSync(new URL(`${name}.sdp`, FOLDER), "utf8");
}

/** A stored description, parsed. */
export function parsed(name: string): SessionDescription {
  return parseSdp(fixture(name));
}

/** The section at `index`, which the test knows to be there. */
export function section(description: SessionDescription, index: number): MediaSection {
  const found = description.media[index];
  if (found === undefined) throw new Error(`no section ${index}`);
  return found;
}

/** Joins lines as SDP does. */
export function sdp(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join("");
}

/** The four lines that every description begins with. */
export const HEAD: readonly string[] = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"];

/** Reads one attribute, as it stands after "a=", inside an audio section. */
export function parseOne(body: string): SdpAttribute {
  const text = sdp(...HEAD, "m=audio 9 UDP/TLS/RTP/SAVPF 0", `a=${body}`);
  const [attribute] = section(parseSdp(text), 0).attributes;
  if (attribute === undefined) throw new Error("no attribute");
  return attribute;
}
