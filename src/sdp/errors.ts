import { SternaError } from "../base/mod.ts";

/** What was wrong with a session description, for programs. */
export type SdpErrorCode =
  /** A limit of `limits.ts` is exceeded. */
  | "limit"
  /** Not of the form `<letter>=<value>`. */
  | "bad-line"
  /** A NUL, or a carriage return inside a line. */
  | "bad-character"
  /** A type letter that RFC 8866 §5 does not define. */
  | "unknown-type"
  /** A line where its type may not stand, or a second one where one may stand. */
  | "misplaced-line"
  /** A required line is absent. */
  | "missing-line"
  /** The value of a line other than `a=` is malformed. */
  | "bad-field"
  /** The value of a known attribute is malformed. */
  | "bad-attribute"
  /** A model that no text could stand for was given to a writer. */
  | "unwritable";

/** How much of the offending line a message shows. */
const EXCERPT_LENGTH = 80;

/**
 * A session description is malformed, or a model of one cannot be written. `line` counts from 1; it
 * is 0 where there is no text, that is, from a writer.
 */
export class SdpError extends SternaError<SdpErrorCode> {
  /** The line, counted from 1, or 0 when the error did not come from a text. */
  readonly line: number;
  /** What should have stood there, in words. */
  readonly expected: string;

  /**
   * Says what was expected on which line.
   *
   * @param line counted from 1; 0 for none
   * @param expected what should have stood there
   * @param text the offending line, of which the message quotes the beginning
   */
  constructor(code: SdpErrorCode, line: number, expected: string, text?: string) {
    super(code, message(line, expected, text));
    this.line = line;
    this.expected = expected;
  }
}

function message(line: number, expected: string, text: string | undefined): string {
  const where = line > 0 ? `SDP line ${line}: ` : "SDP: ";
  if (text === undefined) return `${where}expected ${expected}`;
  const cut = text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)}…` : text;
  return `${where}expected ${expected}, found ${JSON.stringify(cut)}`;
}
