import type { AttributeCodecs } from "./codec.ts";
import { words } from "./source.ts";

/** RFC 8841, and `sctpmap` of the drafts before it. */
export const SCTP_CODECS: Pick<AttributeCodecs, "sctp-port" | "max-message-size" | "sctpmap"> = {
  "sctp-port": {
    parse: (value, source) => ({
      name: "sctp-port",
      port: source.integer(value, 0, 65535, "a port"),
    }),
    format: ({ port }) => String(port),
  },
  "max-message-size": {
    // Some peers announce more than 32 bits, to say "as much as you like".
    parse: (value, source) => ({
      name: "max-message-size",
      sizeBytes: source.integer(value, 0, Number.MAX_SAFE_INTEGER, "bytes"),
    }),
    format: ({ sizeBytes }) => String(sizeBytes),
  },
  sctpmap: {
    parse(value, source) {
      const parts = words(value);
      source.end(parts, 3);
      const port = source.integer(parts[0], 0, 65535, "a port");
      const application = source.token(parts[1], "an application");
      if (parts[2] === undefined) return { name: "sctpmap", port, application };
      const streams = source.integer(parts[2], 1, 65535, "a number of streams");
      return { name: "sctpmap", port, application, streams };
    },
    format: ({ port, application, streams }) =>
      streams === undefined ? `${port} ${application}` : `${port} ${application} ${streams}`,
  },
};
