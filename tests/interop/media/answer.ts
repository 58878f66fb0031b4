import { fromEngine, toEngine } from "../../../src/api/ice_conversion.ts";
import type { IceCandidate, IceParameters } from "../../../src/ice/mod.ts";
import type { RemoteTransportParameters } from "../../../src/peer/mod.ts";
import {
  candidatesOf,
  codecsOf,
  dtlsParametersOf,
  type Fingerprint,
  formatCandidate,
  iceParametersOf,
  type MediaSection,
  midOf,
  parseSdp,
  type RtpCodec,
} from "../../../src/sdp/mod.ts";

/** What an offer says of the one transport of its bundle. */
export interface OfferedTransport {
  readonly remote: RemoteTransportParameters;
  readonly candidates: readonly IceCandidate[];
  /** The payload type of the audio that {@linkcode writeAnswer} picks. */
  readonly audioType: number | undefined;
}

/** Reads an offer whose candidates are all in it. */
export function readOffer(sdp: string): OfferedTransport {
  const description = parseSdp(sdp);
  const section = description.media[0]!;
  const ice = iceParametersOf(description, section)!;
  const candidates = candidatesOf(section).flatMap((candidate) => {
    const known = toEngine(candidate, ice.usernameFragment);
    return known === undefined ? [] : [known];
  });
  const audio = description.media.find(({ media }) => media.media === "audio");
  const audioType = audio && codecOf(audio).payloadType;
  const { fingerprints } = dtlsParametersOf(description, section);
  return { remote: { ice, fingerprints, dtlsRole: "server" }, candidates, audioType };
}

/** What an answer says of us. */
export interface AnswerParameters {
  readonly ice: IceParameters;
  readonly fingerprint: Fingerprint;
  readonly candidates: readonly IceCandidate[];
  /** What we send instead of the peer's own, by kind of media. */
  readonly ssrcs: Readonly<Record<string, number>>;
}

/** The codecs that every browser has, so that what comes back can be played. */
const CODECS: Readonly<Record<string, string>> = { audio: "opus", video: "VP8" };

/** Answers an offer of audio and video: one codec each, both directions, one bundle (RFC 9429 §5.3.1). */
export function writeAnswer(offer: string, parameters: AnswerParameters): string {
  const { media } = parseSdp(offer);
  const mids = media.map((section) => midOf(section));
  return [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${mids.join(" ")}`,
    ...media.flatMap((section) => answerSection(section, parameters)),
    "",
  ].join("\r\n");
}

function answerSection(
  section: MediaSection,
  { ice, fingerprint, candidates, ssrcs }: AnswerParameters,
): string[] {
  const { media } = section.media;
  const codec = codecOf(section);
  const channels = codec.channels === undefined ? "" : `/${codec.channels}`;
  return [
    `m=${media} 9 UDP/TLS/RTP/SAVPF ${codec.payloadType}`,
    "c=IN IP4 0.0.0.0",
    `a=mid:${midOf(section)}`,
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    `a=rtpmap:${codec.payloadType} ${codec.encoding}/${codec.clockRate}${channels}`,
    ...(media === "video" ? [`a=rtcp-fb:${codec.payloadType} nack pli`] : []),
    "a=setup:passive",
    `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
    `a=ice-ufrag:${ice.usernameFragment}`,
    `a=ice-pwd:${ice.password}`,
    `a=msid:echo ${media}`,
    `a=ssrc:${ssrcs[media]} cname:sterna`,
    ...candidates.map((candidate) => `a=${formatCandidate(fromEngine(candidate))}`),
    "a=end-of-candidates",
  ];
}

function codecOf(section: MediaSection): RtpCodec {
  return codecsOf(section).find(({ encoding }) => encoding === CODECS[section.media.media])!;
}
