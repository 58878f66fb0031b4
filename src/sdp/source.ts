import { SdpError, type SdpErrorCode } from "./errors.ts";

/** One line being read: turns pieces of its text into values, or says what should have stood there. */
export class Source {
  readonly line: number;
  readonly text: string;
  readonly code: SdpErrorCode;

  constructor(code: SdpErrorCode, line: number, text: string) {
    this.code = code;
    this.line = line;
    this.text = text;
  }

  /** @throws SdpError always */
  fail(expected: string): never {
    throw new SdpError(this.code, this.line, expected, this.text);
  }

  /** A decimal number within `min` and `max`, both allowed. */
  integer(text: string | undefined, min: number, max: number, what: string): number {
    if (text !== undefined && text.length <= 16 && isDigits(text)) {
      const value = Number(text);
      if (value >= min && value <= max) return value;
    }
    return this.fail(`${what}, a number from ${min} to ${max}`);
  }

  /** A positive number with an optional fraction (RFC 8866 §9: non-zero-int-or-real). */
  positive(text: string, what: string): number {
    const dot = text.indexOf(".");
    const whole = dot < 0 ? text : text.slice(0, dot);
    const wellFormed = isDigits(whole) && (dot < 0 || isDigits(text.slice(dot + 1)));
    const value = wellFormed && text.length <= 16 ? Number(text) : 0;
    return value > 0 ? value : this.fail(`${what}, a positive number`);
  }

  /** A token (RFC 8866 §9). */
  token(text: string | undefined, what: string): string {
    return text !== undefined && isToken(text) ? text : this.fail(`${what}, a token`);
  }

  /** A piece that is not empty. */
  present(text: string | undefined, what: string): string {
    return text !== undefined && text !== "" ? text : this.fail(what);
  }

  /** One of a few words. */
  oneOf<Word extends string>(text: string | undefined, words: readonly Word[], what: string): Word {
    const found = words.find((word) => word === text);
    return found ?? this.fail(`${what}, one of ${words.join(", ")}`);
  }

  /** Refuses words after the last one that has a meaning. */
  end(words: readonly string[], count: number): void {
    if (words.length > count) this.fail(`nothing after ${count} values`);
  }
}

/** The words between spaces. Repeated spaces count as one, as browsers take them. */
export function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

/** What stands before and after the first `separator`; no second part when it does not occur. */
export function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** One or more of 0–9. */
export function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x30 || c > 0x39) return false;
  }
  return text.length > 0;
}

/** Visible characters of a token besides letters and digits (RFC 8866 §9: token-char). */
const TOKEN_MARKS = "!#$%&'*+-.^_`{|}~";
/** RFC 8839 §5.1 ice-char, and the four more that libwebrtc takes because peers sent them. */
const ICE_MARKS = "+/-=#_";

/** RFC 8866 §9: token. */
export function isToken(text: string): boolean {
  return isMadeOf(text, TOKEN_MARKS);
}

/** One or more ice-char (RFC 8839 §5.1). */
export function isIceText(text: string): boolean {
  return isMadeOf(text, ICE_MARKS);
}

/** Not empty, and nothing but ASCII letters, digits and `marks`. */
export function isMadeOf(text: string, marks: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const alphanumeric = (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) ||
      (c >= 0x61 && c <= 0x7a);
    if (!alphanumeric && !marks.includes(text.charAt(i))) return false;
  }
  return text.length > 0;
}
