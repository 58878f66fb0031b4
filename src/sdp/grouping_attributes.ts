import type { AttributeCodecs } from "./codec.ts";
import { words } from "./source.ts";

/** RFC 5888 with RFC 9143 (BUNDLE), RFC 8830. */
export const GROUPING_CODECS: Pick<AttributeCodecs, "group" | "mid" | "msid" | "msid-semantic"> = {
  group: {
    parse(value, source) {
      const [semantics, ...mids] = words(value);
      for (const mid of mids) source.token(mid, "an identification tag");
      return { name: "group", semantics: source.token(semantics, "group semantics"), mids };
    },
    format: ({ semantics, mids }) => [semantics, ...mids].join(" "),
  },
  mid: {
    parse: (value, source) => ({ name: "mid", mid: source.token(value, "an identification tag") }),
    format: ({ mid }) => mid,
  },
  msid: {
    parse(value, source) {
      const parts = words(value);
      source.end(parts, 2);
      const stream = source.present(parts[0], "a stream identifier");
      const track = parts[1];
      return track === undefined ? { name: "msid", stream } : { name: "msid", stream, track };
    },
    format: ({ stream, track }) => track === undefined ? stream : `${stream} ${track}`,
  },
  "msid-semantic": {
    parse(value, source) {
      const [semantic, ...streams] = words(value);
      return { name: "msid-semantic", semantic: source.token(semantic, "a semantic"), streams };
    },
    format: ({ semantic, streams }) => [semantic, ...streams].join(" "),
  },
};
