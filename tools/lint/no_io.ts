import { FLOORS, HIGHEST_PURE_FLOOR } from "./floors_table.ts";
import { visitImports } from "./imports.ts";
import { isReference } from "./names.ts";
import { repositoryPath, sourceFolder } from "./paths.ts";

const PASS_NOW = "Take `now` as an argument: milliseconds of a monotonic clock.";
const PASS_ENTROPY = "Take an `Entropy` (or the `CryptoProvider`) as an argument.";
const USE_TIMEOUT = "Return the deadline from `pollTimeout()` and act in `handleTimeout(now)`.";
const USE_POLL = "Hand bytes out through `pollTransmit()`; src/host owns the sockets.";
const STAY_SYNC = "Machines are synchronous: one mutation, then the caller drains the outputs.";
const USE_EVENTS = "Say it with an event or a counter in `stats()`.";
const USE_BYTES = "Use `Uint8Array` and the helpers of src/base.";
const ON_HOST = "Runtime objects belong to src/host (floor 5).";
const NO_LUCK = "A run must be a pure function of seed and inputs.";

/** Global names that protocol code may not mention, and what to do instead. */
const FORBIDDEN: ReadonlyMap<string, string> = new Map([
  ...["Date", "performance", "Temporal"].map((name) => [name, PASS_NOW] as const),
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "clearTimeout"]
    .map((name) => [name, USE_TIMEOUT] as const),
  ...["clearInterval", "clearImmediate", "AbortSignal", "requestAnimationFrame"]
    .map((name) => [name, USE_TIMEOUT] as const),
  ...["fetch", "WebSocket", "WebTransport", "XMLHttpRequest", "EventSource"]
    .map((name) => [name, USE_POLL] as const),
  ...["Worker", "MessageChannel", "BroadcastChannel"].map((name) => [name, USE_POLL] as const),
  ...["Deno", "Bun", "process", "navigator", "require", "globalThis", "self", "WebAssembly"]
    .map((name) => [name, ON_HOST] as const),
  ...["WeakRef", "FinalizationRegistry", "eval"].map((name) => [name, NO_LUCK] as const),
  ["Promise", STAY_SYNC],
  ["Buffer", USE_BYTES],
  ["console", USE_EVENTS],
]);

/** Members of otherwise harmless globals. */
const FORBIDDEN_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  Math: ["random"],
  crypto: ["getRandomValues", "randomUUID", "subtle"],
};

/** `new Date(ms)` and `Date.UTC(…)` are arithmetic; every other use reads the clock or the zone. */
function isDateArithmetic(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  if (node.name !== "Date") return false;
  if (parent.type === "NewExpression") return parent.arguments.length > 0;
  return parent.type === "MemberExpression" && !parent.computed &&
    parent.property.type === "Identifier" && parent.property.name === "UTC";
}

/** Whether a file belongs to the protocol machines. */
function isPure(file: string): boolean {
  const floor = FLOORS[sourceFolder(file) ?? ""];
  return floor !== undefined && floor <= HIGHEST_PURE_FLOOR;
}

function memberName(node: Deno.lint.Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

/**
 * `sterna/no-io`: floors 0 to 4 hold no socket, timer, clock, randomness, promise or runtime name,
 * so that a run is a pure function of seed and inputs.
 */
export const noIo: Deno.lint.Rule = {
  create(context) {
    const file = repositoryPath(context.filename);
    if (!isPure(file)) return {};
    const say = (node: Deno.lint.Node, what: string, hint: string): void =>
      context.report({ node, message: `${what} does not belong into protocol code.`, hint });
    const checkAsync = (node: Deno.lint.Node, isAsync: boolean): void => {
      if (isAsync) say(node, "An async function", STAY_SYNC);
    };
    return {
      ...visitImports((node, specifier) => {
        if (/^(node|bun|cloudflare|deno|npm|jsr|https?):/.test(specifier)) {
          say(node, `"${specifier}"`, ON_HOST);
        } else if (node.type === "ImportExpression") say(node, "import()", STAY_SYNC);
      }),
      Identifier(node) {
        const hint = FORBIDDEN.get(node.name);
        if (hint !== undefined && isReference(node) && !isDateArithmetic(node)) {
          say(node, `\`${node.name}\``, hint);
        }
      },
      MemberExpression(node) {
        if (node.object.type !== "Identifier") return;
        const name = memberName(node.property);
        if (name !== undefined && FORBIDDEN_MEMBERS[node.object.name]?.includes(name)) {
          say(node, `\`${node.object.name}.${name}\``, PASS_ENTROPY);
        }
      },
      VariableDeclarator(node) {
        if (node.init?.type !== "Identifier" || node.id.type !== "ObjectPattern") return;
        const forbidden = FORBIDDEN_MEMBERS[node.init.name] ?? [];
        for (const property of node.id.properties) {
          if (property.type !== "Property") continue;
          const name = memberName(property.key);
          if (name !== undefined && forbidden.includes(name)) {
            say(property, `\`${node.init.name}.${name}\``, PASS_ENTROPY);
          }
        }
      },
      AwaitExpression: (node) => say(node, "`await`", STAY_SYNC),
      ForOfStatement: (node) => {
        if (node.await) say(node, "`for await`", STAY_SYNC);
      },
      FunctionDeclaration: (node) => checkAsync(node, node.async),
      FunctionExpression: (node) => checkAsync(node, node.async),
      ArrowFunctionExpression: (node) => checkAsync(node, node.async),
    };
  },
};
