/** Numbers for people. */

/** `12.3 MB`: decimal units, three digits. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 999.5 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  const digits = unit === 0 || bytes >= 100 ? 0 : bytes >= 10 ? 1 : 2;
  return `${bytes.toFixed(digits)} ${units[unit]}`;
}

/** `0.42 ms`, `12.3 ms`, `120 ms`; Firefox knows whole milliseconds only and says 0. */
export function formatMs(ms: number): string {
  if (ms === 0) return "below 1 ms";
  return `${ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : 2)} ms`;
}

/** `8 s`, `2 min 5 s`, `3 h 2 min`. */
export function formatDuration(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}

/** The colour of a member: the same on every page. */
export function hueOf(kind: string, id: string): number {
  return kind === "deno" ? 190 : parseInt(id.slice(0, 4) || "c8", 16) % 360;
}
