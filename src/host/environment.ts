interface DenoLike {
  readonly env: { get(name: string): string | undefined };
  readonly permissions: {
    querySync(descriptor: { name: "env"; variable: string }): { readonly state: string };
  };
}

interface EnvironmentGlobals {
  Deno?: DenoLike;
  process?: { readonly env?: Readonly<Record<string, string | undefined>> };
}

/**
 * An environment variable. In Deno only when reading it is already permitted: a library must not make
 * the user's terminal ask.
 */
export function environmentVariable(name: string): string | undefined {
  const { Deno: deno, process } = globalThis as EnvironmentGlobals;
  if (deno === undefined) return process?.env?.[name];
  try {
    const { state } = deno.permissions.querySync({ name: "env", variable: name });
    return state === "granted" ? deno.env.get(name) : undefined;
  } catch {
    return undefined;
  }
}
