import type { AttributeCodecs } from "./codec.ts";
import { isMadeOf, words } from "./source.ts";

const SETUP_ROLES = ["active", "passive", "actpass", "holdconn"] as const;
/** RFC 8842 §4: tls-id-value = 20*255(tls-id-char), letters, digits and "+/-_". */
const MIN_TLS_ID_LENGTH = 20;
const MAX_TLS_ID_LENGTH = 255;

/** RFC 8122 §5: hash functions of a fingerprint, and the bytes each of them yields. */
const HASH_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["md2", 16],
  ["md5", 16],
  ["sha-1", 20],
  ["sha-224", 28],
  ["sha-256", 32],
  ["sha-384", 48],
  ["sha-512", 64],
]);

/** Pairs of hexadecimal digits with colons between them, `length` of them where it is given. */
function isHash(text: string, length: number | undefined): boolean {
  const pairs = text.split(":");
  if (length !== undefined && pairs.length !== length) return false;
  return pairs.every((pair) => pair.length === 2 && isHexadecimal(pair));
}

function isHexadecimal(text: string): boolean {
  for (const c of text) {
    if (!"0123456789abcdefABCDEF".includes(c)) return false;
  }
  return true;
}

/** RFC 8122, RFC 8842. */
export const DTLS_CODECS: Pick<AttributeCodecs, "setup" | "tls-id" | "fingerprint"> = {
  setup: {
    parse: (value, source) => ({
      name: "setup",
      role: source.oneOf(value, SETUP_ROLES, "a setup role"),
    }),
    format: ({ role }) => role,
  },
  "tls-id": {
    parse(value, source) {
      const { length } = value;
      const wellFormed = length >= MIN_TLS_ID_LENGTH && length <= MAX_TLS_ID_LENGTH;
      if (!wellFormed || !isMadeOf(value, "+/-_")) {
        source.fail(`${MIN_TLS_ID_LENGTH} to ${MAX_TLS_ID_LENGTH} letters, digits, + / - or _`);
      }
      return { name: "tls-id", tlsId: value };
    },
    format: ({ tlsId }) => tlsId,
  },
  fingerprint: {
    parse(value, source) {
      const parts = words(value);
      source.end(parts, 2);
      const algorithm = source.token(parts[0], "a hash function").toLowerCase();
      const hash = source.present(parts[1], "a fingerprint");
      const length = HASH_LENGTHS.get(algorithm);
      if (!isHash(hash, length)) {
        const count = length === undefined ? "" : `${length} `;
        source.fail(`${count}pairs of hexadecimal digits with colons`);
      }
      return { name: "fingerprint", algorithm, value: hash.toUpperCase() };
    },
    format: ({ algorithm, value }) => `${algorithm} ${value}`,
  },
};
