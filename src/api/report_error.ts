/**
 * Reports an exception of a listener as the runtime reports uncaught ones (HTML §8.1.4.6), without
 * unwinding the engine that called the listener.
 */
export function reportListenerError(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  if (reportError !== undefined) reportError(error);
  else {
    // Node has no reportError; there EventTarget itself throws in a later tick.
    queueMicrotask(() => {
      throw error;
    });
  }
}
