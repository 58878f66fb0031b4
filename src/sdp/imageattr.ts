import type { ImageattrAttribute, Parameter } from "./attributes.ts";
import type { AttributeCodecs } from "./codec.ts";
import { formatParameter, payloadTypeOrAll, readParameter } from "./rtp_attributes.ts";
import { type Source, words } from "./source.ts";

type Direction = ImageattrAttribute["directions"][number];

/** `[x=[480:16:800],y=320]`: parameters between commas that no inner bracket holds. */
function readSet(text: string, source: Source): readonly Parameter[] {
  if (!text.startsWith("[") || !text.endsWith("]")) source.fail("an attribute set in brackets");
  const inner = text.slice(1, -1);
  const parameters: Parameter[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= inner.length; i++) {
    const c = inner.charAt(i);
    if (c === "[") depth++;
    else if (c === "]") depth--;
    if (depth < 0) source.fail("balanced brackets");
    if (i === inner.length || (c === "," && depth === 0)) {
      parameters.push(readParameter(inner.slice(start, i), source));
      start = i + 1;
    }
  }
  if (depth !== 0) source.fail("balanced brackets");
  return parameters;
}

/** The direction at `parts[at]` and its sets, which reach to the next direction or the end. */
function readDirection(parts: readonly string[], at: number, source: Source): [Direction, number] {
  const direction = source.oneOf(parts[at], ["send", "recv"], "a direction");
  if (parts[at + 1] === "*") return [{ direction, sets: "*" }, at + 2];
  const sets: (readonly Parameter[])[] = [];
  let end = at + 1;
  for (let part = parts[end]; part?.startsWith("["); part = parts[++end]) {
    sets.push(readSet(part, source));
  }
  if (sets.length === 0) source.fail('attribute sets or "*"');
  return [{ direction, sets }, end];
}

/** RFC 6236 §3.1. */
export const IMAGEATTR_CODECS: Pick<AttributeCodecs, "imageattr"> = {
  imageattr: {
    parse(value, source) {
      const parts = words(value);
      const payloadType = payloadTypeOrAll(parts[0], source);
      const directions: Direction[] = [];
      for (let at = 1; at === 1 || at < parts.length;) {
        const [direction, end] = readDirection(parts, at, source);
        if (directions.some((other) => other.direction === direction.direction)) {
          source.fail(`"${direction.direction}" only once`);
        }
        directions.push(direction);
        at = end;
      }
      return { name: "imageattr", payloadType, directions };
    },
    format({ payloadType, directions }) {
      const texts = directions.map(({ direction, sets }) => {
        if (sets === "*") return `${direction} *`;
        return `${direction} ${sets.map((set) => `[${set.map(formatParameter)}]`).join(" ")}`;
      });
      return `${payloadType} ${texts.join(" ")}`;
    },
  },
};
