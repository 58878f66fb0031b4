import type { RecordCounters } from "./counters.ts";
import type { DtlsState } from "./events.ts";
import type { DtlsRole } from "./options.ts";
import type { Session } from "./session.ts";

/** What `RTCTransportStats` and `RTCCertificateStats` ask of DTLS (W3C webrtc-stats §8.15, §8.19). */
export interface DtlsStats extends RecordCounters {
  /** `dtlsState` */
  readonly state: DtlsState;
  /** `dtlsRole` */
  readonly role: DtlsRole;
  /** `tlsVersion`: four hexadecimal digits, `FEFD`. */
  readonly tlsVersion: string | undefined;
  /** `dtlsCipher`: IANA name. */
  readonly dtlsCipher: string | undefined;
  /** `srtpCipher` */
  readonly srtpCipher: string | undefined;
  /** Group of the key agreement. */
  readonly tlsGroup: string | undefined;
}

/** A snapshot that later packets do not change. */
export function takeStats(
  counters: RecordCounters,
  state: DtlsState,
  role: DtlsRole,
  session: Session | undefined,
): DtlsStats {
  return {
    ...counters,
    dropped: { ...counters.dropped },
    state,
    role,
    tlsVersion: session?.version.toString(16).toUpperCase(),
    dtlsCipher: session?.cipherSuite,
    srtpCipher: session?.srtpProfile,
    tlsGroup: session?.group,
  };
}
