/**
 * Serial number arithmetic (RFC 1982): sequence numbers of every kind are compared here and nowhere
 * else. `a` is before `b` when the way forward from `a` to `b` is shorter than half the circle.
 */

/** Signed distance from `a` to `b` on the 16-bit circle: −32768 … 32767. */
export function distance16(a: number, b: number): number {
  return ((b - a) << 16) >> 16;
}

/** Signed distance from `a` to `b` on the 32-bit circle: −2³¹ … 2³¹ − 1. */
export function distance32(a: number, b: number): number {
  return (b - a) | 0;
}

/** Whether `a` comes before `b` on the 16-bit circle. */
export function before16(a: number, b: number): boolean {
  return distance16(a, b) > 0;
}

/** Whether `a` comes before `b` on the 32-bit circle. */
export function before32(a: number, b: number): boolean {
  return distance32(a, b) > 0;
}

/** `a + n` on the 16-bit circle. */
export function add16(a: number, n: number): number {
  return (a + n) & 0xffff;
}

/** `a + n` on the 32-bit circle, as an unsigned number. */
export function add32(a: number, n: number): number {
  return (a + n) >>> 0;
}
