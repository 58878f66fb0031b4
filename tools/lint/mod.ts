/**
 * The house rules as a lint plugin: `sterna/floors`, `sterna/no-io`, `sterna/packet-path` and
 * `sterna/file-length`. `deno lint` loads it through `lint.plugins` of deno.json.
 *
 * @module
 */
import { fileLength } from "./file_length.ts";
import { floors } from "./floors.ts";
import { noIo } from "./no_io.ts";
import { packetPath } from "./packet_path.ts";

const plugin: Deno.lint.Plugin = {
  name: "sterna",
  rules: {
    "floors": floors,
    "no-io": noIo,
    "packet-path": packetPath,
    "file-length": fileLength,
  },
};

export default plugin;
