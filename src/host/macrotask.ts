interface ImmediateGlobals {
  setImmediate?: (callback: () => void) => unknown;
}

const { setImmediate } = globalThis as ImmediateGlobals;

/**
 * Runs `callback` after everything that is ready now: right behind the poll phase of the event loop
 * where the runtime has `setImmediate` (Deno, Bun and Node), else behind a timer.
 */
export const afterThisTurn: (callback: () => void) => void = setImmediate === undefined
  ? (callback) => void setTimeout(callback, 0)
  : (callback) => void setImmediate(callback);
