import { entryName } from "./bundle.ts";
import type { Manifest } from "./exports.ts";

/** The core for hosts that import it compiled; beside it stands what it is to TypeScript. */
export const WASM_FILE = "sterna_crypto.wasm";

/** The declaration of {@linkcode WASM_FILE}: a `WebAssembly.Module`, whose name not all users have. */
export const WASM_DECLARATION = `declare const module: object;
export default module;
`;

/** The `package.json` of the npm package. */
export function packageJson(
  manifest: Manifest,
  entries: Readonly<Record<string, string>>,
  packages: readonly string[],
): Record<string, unknown> {
  const exports: Record<string, unknown> = {};
  for (const [subpath, file] of Object.entries(entries)) {
    exports[subpath] = {
      types: `./types/${file.replace(/\.ts$/, ".d.ts")}`,
      default: `./${entryName(subpath)}.js`,
    };
  }
  return {
    name: manifest.name,
    version: manifest.version,
    description: "WebRTC in TypeScript for Deno, Bun and Node: the W3C API, no native add-on",
    keywords: ["webrtc", "rtcpeerconnection", "datachannel", "ice", "dtls", "sctp", "stun", "sdp"],
    license: manifest.license,
    type: "module",
    // `process.getBuiltinModule`, by which the host finds sockets and cryptography.
    engines: { node: "^20.16.0 || >=22.3.0" },
    main: "./mod.js",
    types: "./types/mod.d.ts",
    exports: {
      ...exports,
      [`./${WASM_FILE}`]: { types: `./${WASM_FILE}.d.ts`, default: `./${WASM_FILE}` },
      "./package.json": "./package.json",
    },
    // The polyfill exists for its side effect; everything else may be shaken out.
    sideEffects: ["./polyfill.js"],
    dependencies: Object.fromEntries(packages.map((name) => [name, npmRange(manifest, name)])),
  };
}

/** `^4.13.19` of `npm:hono@^4.13.19`. */
function npmRange(manifest: Manifest, name: string): string {
  const range = /^npm:(?:@[^/]+\/)?[^@/]+@(.+)$/.exec(manifest.imports[name] ?? "")?.[1];
  if (range === undefined) throw new Error(`deno.json does not map ${name} to npm`);
  return range;
}
