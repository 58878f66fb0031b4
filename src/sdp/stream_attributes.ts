import type { AttributeCodecs } from "./codec.ts";
import type { SimulcastAttribute, SimulcastRid } from "./attributes.ts";
import { formatParameter, readParameter } from "./rtp_attributes.ts";
import { cut, isMadeOf, type Source, words } from "./source.ts";

const MAX_SSRC = 0xffffffff;
const SEND_RECV = ["send", "recv"] as const;

/** RFC 8851 §10: rid-id = 1*(alpha-numeric / "-" / "_"). */
function rid(text: string | undefined, source: Source): string {
  return text !== undefined && isMadeOf(text, "-_")
    ? text
    : source.fail("a restriction identifier");
}

function simulcastRid(text: string, source: Source): SimulcastRid {
  const paused = text.startsWith("~");
  return { rid: rid(paused ? text.slice(1) : text, source), paused };
}

function formatSimulcastRid(stream: SimulcastRid): string {
  return stream.paused ? `~${stream.rid}` : stream.rid;
}

/** RFC 5576, RFC 8851, RFC 8853. */
export const STREAM_CODECS: Pick<AttributeCodecs, "ssrc" | "ssrc-group" | "rid" | "simulcast"> = {
  ssrc: {
    parse(value, source) {
      const [id, rest] = cut(value, " ");
      const ssrc = source.integer(id, 0, MAX_SSRC, "an SSRC");
      const [attribute, text] = cut((rest ?? "").trimStart(), ":");
      const head = {
        name: "ssrc" as const,
        ssrc,
        attribute: source.token(attribute, "a source attribute"),
      };
      return text === undefined ? head : { ...head, value: text };
    },
    format: ({ ssrc, attribute, value }) =>
      value === undefined ? `${ssrc} ${attribute}` : `${ssrc} ${attribute}:${value}`,
  },
  "ssrc-group": {
    parse(value, source) {
      const [semantics, ...ssrcs] = words(value);
      return {
        name: "ssrc-group",
        semantics: source.token(semantics, "group semantics"),
        ssrcs: ssrcs.map((ssrc) => source.integer(ssrc, 0, MAX_SSRC, "an SSRC")),
      };
    },
    format: ({ semantics, ssrcs }) => [semantics, ...ssrcs].join(" "),
  },
  rid: {
    parse(value, source) {
      const parts = words(value);
      source.end(parts, 3);
      const id = rid(parts[0], source);
      const direction = source.oneOf(parts[1], SEND_RECV, "a direction");
      const parameters = (parts[2] ?? "").split(";").filter((piece) => piece !== "")
        .map((piece) => readParameter(piece, source));
      const [first, ...rest] = parameters;
      if (first?.name !== "pt") {
        return { name: "rid", id, direction, restrictions: parameters };
      }
      const formats = (first.value ?? "").split(",");
      for (const format of formats) source.token(format, "a format");
      return { name: "rid", id, direction, formats, restrictions: rest };
    },
    format({ id, direction, formats, restrictions }) {
      const parameters = restrictions.map(formatParameter);
      if (formats !== undefined) parameters.unshift(`pt=${formats.join(",")}`);
      return [id, direction, parameters.join(";")].filter((part) => part !== "").join(" ");
    },
  },
  simulcast: {
    parse(value, source) {
      const parts = words(value);
      source.end(parts, 4);
      const directions: SimulcastAttribute["directions"][number][] = [];
      for (let i = 0; i === 0 || i < parts.length; i += 2) {
        const direction = source.oneOf(parts[i], SEND_RECV, "a direction");
        if (directions.some((other) => other.direction === direction)) {
          source.fail(`"${direction}" only once`);
        }
        const streams = (parts[i + 1] ?? "").split(";")
          .map((alternatives) => alternatives.split(",").map((text) => simulcastRid(text, source)));
        directions.push({ direction, streams });
      }
      return { name: "simulcast", directions };
    },
    format: ({ directions }) =>
      directions.map(({ direction, streams }) => {
        const list = streams.map((stream) => stream.map(formatSimulcastRid).join(",")).join(";");
        return `${direction} ${list}`;
      }).join(" "),
  },
};
