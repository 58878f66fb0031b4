/** `node:process` for pages, which have no environment. */
export default { env: {} as Record<string, string | undefined> };
