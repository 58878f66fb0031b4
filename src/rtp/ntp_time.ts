/**
 * NTP timestamps (RFC 3550 §4, RFC 5905 §6): seconds since 1900 with 32 bits behind the point, as two
 * numbers of 32 bits.
 */
import { distance32 } from "../base/mod.ts";

/** A point in time, or a length of it, with 64 bits. */
export interface NtpTime {
  /** Whole seconds, 32 bits. */
  readonly seconds: number;
  /** The rest in units of 2⁻³² s, 32 bits. */
  readonly fraction: number;
}

/** RFC 5905 §7.3 and figure 4: seconds from 1900-01-01 to 1970-01-01. */
const UNIX_EPOCH_SECONDS = 2_208_988_800;

const TWO_32 = 0x1_0000_0000;

/** The NTP time of a Unix time in milliseconds, such as `Date.now()` gives. */
export function ntpOfUnixMs(unixMs: number): NtpTime {
  const seconds = Math.floor(unixMs / 1000);
  const fraction = Math.round((unixMs - 1000 * seconds) * (TWO_32 / 1000));
  // Rounding up may fill the second.
  const carry = fraction === TWO_32 ? 1 : 0;
  return {
    seconds: (seconds + UNIX_EPOCH_SECONDS + carry) % TWO_32,
    fraction: carry === 1 ? 0 : fraction,
  };
}

/**
 * The Unix time in milliseconds. Seconds wrap in 2036: below 2³¹ they count from there, so that all of
 * 1968 … 2104 is understood (RFC 4330 §3).
 */
export function unixMsOfNtp(time: NtpTime): number {
  const seconds = time.seconds < 0x8000_0000 ? time.seconds + TWO_32 : time.seconds;
  return 1000 * (seconds - UNIX_EPOCH_SECONDS) + time.fraction * (1000 / TWO_32);
}

/** The middle 32 bits, units of 2⁻¹⁶ s: what LSR repeats (RFC 3550 §6.4.1). */
export function ntpMiddle32(time: NtpTime): number {
  return ((time.seconds << 16) | (time.fraction >>> 16)) >>> 0;
}

/**
 * The round-trip time in milliseconds that a report block tells (RFC 3550 §6.4.1): arrival − LSR −
 * DLSR. `undefined` when the reporter has seen no sender report, or its figures make no sense.
 *
 * @param arrival {@linkcode ntpMiddle32} of our clock when the report came
 * @param lastSr LSR of the report block
 * @param delaySinceLastSr DLSR of the report block
 */
export function roundTripMs(
  arrival: number,
  lastSr: number,
  delaySinceLastSr: number,
): number | undefined {
  if (lastSr === 0) return undefined;
  const units = distance32(lastSr, arrival) - delaySinceLastSr;
  return units < 0 ? undefined : units * (1000 / 0x1_0000);
}
