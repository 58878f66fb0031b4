import type { ExtmapAttribute, Parameter, RtpmapAttribute } from "./attributes.ts";
import type { MediaSection, SessionDescription } from "./model.ts";
import { attributes } from "./query.ts";
import { isDigits } from "./source.ts";

/** One kind of RTCP feedback that a codec takes. */
export interface RtcpFeedback {
  /** "nack", "ccm", "goog-remb", "transport-cc". */
  readonly type: string;
  /** "pli" of "nack pli". */
  readonly parameter?: string;
}

/** A payload type of an RTP section with all that the section says about it. */
export interface RtpCodec {
  /** 0 to 127. */
  readonly payloadType: number;
  /** The name of the encoding, as written: "opus", "VP8", "rtx". */
  readonly encoding: string;
  /** Hertz. */
  readonly clockRate: number;
  /** Audio channels, where the description says. */
  readonly channels?: number;
  /** The format parameters of `a=fmtp`. */
  readonly parameters: readonly Parameter[];
  /** The feedback of `a=rtcp-fb`, that for all payload types included. */
  readonly feedback: readonly RtcpFeedback[];
}

/** RFC 3551 §6, tables 4 and 5: payload types that need no `a=rtpmap`. */
const STATIC_CODECS: ReadonlyMap<number, readonly [string, number, number?]> = new Map([
  [0, ["PCMU", 8000]],
  [3, ["GSM", 8000]],
  [4, ["G723", 8000]],
  [5, ["DVI4", 8000]],
  [6, ["DVI4", 16000]],
  [7, ["LPC", 8000]],
  [8, ["PCMA", 8000]],
  [9, ["G722", 8000]],
  [10, ["L16", 44100, 2]],
  [11, ["L16", 44100]],
  [12, ["QCELP", 8000]],
  [13, ["CN", 8000]],
  [14, ["MPA", 90000]],
  [15, ["G728", 8000]],
  [16, ["DVI4", 11025]],
  [17, ["DVI4", 22050]],
  [18, ["G729", 8000]],
  [25, ["CelB", 90000]],
  [26, ["JPEG", 90000]],
  [28, ["nv", 90000]],
  [31, ["H261", 90000]],
  [32, ["MPV", 90000]],
  [33, ["MP2T", 90000]],
  [34, ["H263", 90000]],
]);

/**
 * The codecs of an RTP section, in the order of preference that its `m=` line gives. Formats that
 * nothing explains are left out.
 */
export function codecsOf(section: MediaSection): RtpCodec[] {
  const maps = new Map(attributes(section, "rtpmap").map((map) => [map.payloadType, map]));
  const codecs: RtpCodec[] = [];
  for (const format of new Set(section.media.formats)) {
    if (!isDigits(format)) continue;
    const payloadType = Number(format);
    const map = maps.get(payloadType) ?? staticMap(payloadType);
    if (map !== undefined) codecs.push(describe(section, map));
  }
  return codecs;
}

/** The value of a codec's first format parameter of that name, such as "apt". */
export function codecParameter(codec: RtpCodec, name: string): string | undefined {
  return codec.parameters.find((parameter) => parameter.name === name)?.value;
}

/** The RTP header extensions that hold for a section: the session's and its own (RFC 8285 §8). */
export function headerExtensionsOf(
  description: SessionDescription,
  section: MediaSection,
): ExtmapAttribute[] {
  return [...attributes(description, "extmap"), ...attributes(section, "extmap")];
}

type CodecMap = Omit<RtpmapAttribute, "name">;

function staticMap(payloadType: number): CodecMap | undefined {
  const known = STATIC_CODECS.get(payloadType);
  if (known === undefined) return undefined;
  const [encoding, clockRate, channels] = known;
  return { payloadType, encoding, clockRate, ...(channels === undefined ? {} : { channels }) };
}

function describe(section: MediaSection, map: CodecMap): RtpCodec {
  const { payloadType, encoding, clockRate, channels } = map;
  return {
    payloadType,
    encoding,
    clockRate,
    ...(channels === undefined ? {} : { channels }),
    parameters: attributes(section, "fmtp")
      .filter(({ format }) => format === String(payloadType))
      .flatMap(({ parameters }) => parameters),
    feedback: attributes(section, "rtcp-fb")
      .filter((line) => line.payloadType === "*" || line.payloadType === payloadType)
      .map(({ feedback, parameter }) =>
        parameter === undefined ? { type: feedback } : { type: feedback, parameter }
      ),
  };
}
