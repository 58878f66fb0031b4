import { formatCandidateValue, readAddress, readCandidate } from "./candidate.ts";
import type { AttributeCodecs } from "./codec.ts";
import { isIceText, type Source, words } from "./source.ts";

/** RFC 8839 §5.4: ufrag = 4*256ice-char, password = 22*256ice-char. */
const MIN_UFRAG_LENGTH = 4;
const MIN_PWD_LENGTH = 22;
const MAX_CREDENTIAL_LENGTH = 256;
/** RFC 8839 §5.7: pacing-value = 1*10DIGIT. */
const MAX_PACING_MS = 9_999_999_999;

function credential(value: string, min: number, source: Source): string {
  if (value.length >= min && value.length <= MAX_CREDENTIAL_LENGTH && isIceText(value)) {
    return value;
  }
  return source.fail(`${min} to ${MAX_CREDENTIAL_LENGTH} letters, digits, + or /`);
}

/** RFC 8839. */
export const ICE_CODECS: Pick<
  AttributeCodecs,
  "candidate" | "remote-candidates" | "ice-ufrag" | "ice-pwd" | "ice-options" | "ice-pacing"
> = {
  candidate: {
    parse: (value, source) => ({ name: "candidate", candidate: readCandidate(value, source) }),
    format: (attribute) => formatCandidateValue(attribute.candidate),
  },
  "remote-candidates": {
    parse(value, source) {
      const parts = words(value);
      if (parts.length === 0) source.fail("a component, an address and a port");
      const candidates = [];
      for (let i = 0; i < parts.length; i += 3) {
        candidates.push({
          component: source.integer(parts[i], 1, 256, "a component"),
          address: readAddress(parts[i + 1], source),
          port: source.integer(parts[i + 2], 0, 65535, "a port"),
        });
      }
      return { name: "remote-candidates", candidates };
    },
    format: ({ candidates }) =>
      candidates.map((c) => `${c.component} ${c.address} ${c.port}`).join(" "),
  },
  "ice-ufrag": {
    parse: (value, source) => ({
      name: "ice-ufrag",
      usernameFragment: credential(value, MIN_UFRAG_LENGTH, source),
    }),
    format: ({ usernameFragment }) => usernameFragment,
  },
  "ice-pwd": {
    parse: (value, source) => ({
      name: "ice-pwd",
      password: credential(value, MIN_PWD_LENGTH, source),
    }),
    format: ({ password }) => password,
  },
  "ice-options": {
    parse(value, source) {
      // libdatachannel puts commas where RFC 8839 §5.6 has spaces.
      const options = words(value.replaceAll(",", " "));
      if (options.length === 0 || !options.every(isIceText)) source.fail("option tags");
      return { name: "ice-options", options };
    },
    format: ({ options }) => options.join(" "),
  },
  "ice-pacing": {
    parse: (value, source) => ({
      name: "ice-pacing",
      pacingMs: source.integer(value, 0, MAX_PACING_MS, "milliseconds"),
    }),
    format: ({ pacingMs }) => String(pacingMs),
  },
};
