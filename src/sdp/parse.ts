import { readAttribute } from "./attribute_text.ts";
import type { SdpAttribute } from "./attributes.ts";
import { SdpError } from "./errors.ts";
import { readField, readMediaLine } from "./fields.ts";
import {
  MAX_SDP_LENGTH,
  MAX_SDP_LINE_LENGTH,
  MAX_SDP_LINES,
  MAX_SDP_MEDIA_SECTIONS,
} from "./limits.ts";
import type { MediaLine, MediaSection, SdpField, SessionDescription } from "./model.ts";
import { Source } from "./source.ts";

/** What `tryParseSdp` returns. */
export type SdpParseResult =
  | { readonly ok: true; readonly description: SessionDescription }
  | { readonly ok: false; readonly error: SdpError };

/**
 * Reads a session description (RFC 8866).
 *
 * Every line and every attribute of the model is checked against its grammar. An attribute that is
 * not modelled keeps its place and text. Taken although RFC 8866 does not allow it, because peers
 * send it: LF alone as the line break, blank lines at the end, no `s=` or `t=`, blanks at the end of
 * a line, and lines of a media section in another order (they are written back in order).
 *
 * @throws SdpError, and nothing else, whatever the text
 *
 * @example
 * ```ts
 * import { attribute, parseSdp } from "@sterna/webrtc/sdp";
 *
 * const text = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" +
 *   "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\na=sctp-port:5000\r\n";
 * const [section] = parseSdp(text).media;
 * if (section !== undefined) console.log(attribute(section, "sctp-port")?.port); // 5000
 * ```
 */
export function parseSdp(text: string): SessionDescription {
  const parser = new Parser();
  for (const [index, line] of splitLines(text).entries()) parser.line(line, index + 1);
  return parser.end();
}

/** As `parseSdp`, with the error as a value. */
export function tryParseSdp(text: string): SdpParseResult {
  try {
    return { ok: true, description: parseSdp(text) };
  } catch (error) {
    if (error instanceof SdpError) return { ok: false, error };
    throw error;
  }
}

/** The lines without their breaks and without blank ones at the end. */
function splitLines(text: string): string[] {
  if (text.length > MAX_SDP_LENGTH) {
    throw new SdpError("limit", 1, `at most ${MAX_SDP_LENGTH} characters`);
  }
  const lines = text.split("\n");
  while (lines.length > 0 && lines.at(-1)?.trim() === "") lines.pop();
  if (lines.length > MAX_SDP_LINES) {
    throw new SdpError("limit", MAX_SDP_LINES + 1, `at most ${MAX_SDP_LINES} lines`);
  }
  return lines.map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
}

/** RFC 8866 §5: the order of session-level lines; those of a time description may alternate. */
const SESSION_ORDER = "vosiuepcbtrzka";
/** RFC 8866 §5: what may stand under `m=`. */
const MEDIA_TYPES = "icbka";
/** RFC 8866 §5: types that may stand more than once in the session part, and under one `m=`. */
const SESSION_REPEATABLE = "eptrba";
const MEDIA_REPEATABLE = "cba";

interface Section {
  readonly media: MediaLine | undefined;
  readonly fields: SdpField[];
  readonly attributes: SdpAttribute[];
  readonly seen: Set<string>;
}

/** Collects lines into sections and watches over their order. */
class Parser {
  readonly #session: Section = newSection(undefined);
  readonly #media: (Section & { readonly media: MediaLine })[] = [];
  #section: Section = this.#session;
  /** Position in `SESSION_ORDER` of the line before. */
  #rank = -1;
  #count = 0;

  line(text: string, number: number): void {
    this.#count = number;
    checkLine(text, number);
    const type = text.charAt(0);
    const value = text.slice(2);
    const source = new Source(type === "a" ? "bad-attribute" : "bad-field", number, text);
    if (type === "m") return this.#openMedia(readMediaLine(value, source), number);
    this.#checkPlace(type, number, text);
    if (type === "a") this.#section.attributes.push(readAttribute(value, source));
    else this.#section.fields.push(readField(type, value, source));
  }

  end(): SessionDescription {
    this.#requireOrigin(this.#count + 1);
    const { fields, attributes } = this.#session;
    return { fields, attributes, media: this.#media.map(toMediaSection) };
  }

  #openMedia(media: MediaLine, number: number): void {
    this.#requireOrigin(number);
    if (this.#media.length === MAX_SDP_MEDIA_SECTIONS) {
      throw new SdpError("limit", number, `at most ${MAX_SDP_MEDIA_SECTIONS} media sections`);
    }
    const section = { ...newSection(media), media };
    this.#media.push(section);
    this.#section = section;
  }

  /** A description needs `v=` and `o=`; browsers never leave them out. */
  #requireOrigin(number: number): void {
    for (const type of ["v", "o"]) {
      if (!this.#session.seen.has(type)) throw new SdpError("missing-line", number, `"${type}="`);
    }
  }

  #checkPlace(type: string, number: number, text: string): void {
    if (!SESSION_ORDER.includes(type)) {
      throw new SdpError("unknown-type", number, "a type letter of RFC 8866", text);
    }
    const { seen, media } = this.#section;
    if (media === undefined) this.#checkSessionOrder(type, number, text);
    else if (!MEDIA_TYPES.includes(type)) {
      throw new SdpError("misplaced-line", number, `no "${type}=" in a media section`, text);
    }
    const repeatable = media === undefined ? SESSION_REPEATABLE : MEDIA_REPEATABLE;
    if (seen.has(type) && !repeatable.includes(type)) {
      throw new SdpError("misplaced-line", number, `only one "${type}=" in a section`, text);
    }
    seen.add(type);
  }

  #checkSessionOrder(type: string, number: number, text: string): void {
    const rank = SESSION_ORDER.indexOf(type);
    const expected = SESSION_ORDER.charAt(this.#rank + 1);
    // "v=" and "o=" may not be left out, so nothing else can stand where they should.
    if (this.#rank < 1 && type !== expected) {
      throw new SdpError("missing-line", number, `"${expected}="`, text);
    }
    // A "t=" may follow the "r=" of the time description before it.
    const anotherTime = type === "t" && SESSION_ORDER.charAt(this.#rank) === "r";
    if (rank < this.#rank && !anotherTime) {
      const before = SESSION_ORDER.charAt(this.#rank);
      throw new SdpError("misplaced-line", number, `"${type}=" before "${before}="`, text);
    }
    this.#rank = rank;
  }
}

function newSection(media: MediaLine | undefined): Section {
  return { media, fields: [], attributes: [], seen: new Set() };
}

function toMediaSection(section: Section & { readonly media: MediaLine }): MediaSection {
  return { media: section.media, fields: section.fields, attributes: section.attributes };
}

function checkLine(text: string, number: number): void {
  if (text.length > MAX_SDP_LINE_LENGTH) {
    throw new SdpError("limit", number, `at most ${MAX_SDP_LINE_LENGTH} characters a line`);
  }
  if (text.includes("\0") || text.includes("\r")) {
    throw new SdpError("bad-character", number, "no NUL and no CR inside a line", text);
  }
  if (text.charAt(1) !== "=" || text.charAt(0) === "=") {
    throw new SdpError("bad-line", number, "a letter, = and a value", text);
  }
}
