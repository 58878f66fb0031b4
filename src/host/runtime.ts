/** The runtimes with UDP. */
export type RuntimeName = "deno" | "bun" | "node";

/** Which runtime this is; whatever else is there (a browser, workerd) counts as Node. */
export function runtimeName(): RuntimeName {
  const globals = globalThis as { Deno?: unknown; Bun?: unknown };
  if (globals.Deno !== undefined) return "deno";
  return globals.Bun !== undefined ? "bun" : "node";
}
