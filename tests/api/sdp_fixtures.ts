/** Session descriptions of other peers, reduced to what matters here. */

const FINGERPRINT =
  "a=fingerprint:sha-256 8C:5A:50:F5:91:E4:B0:75:76:EF:DB:D0:2B:00:82:4E:DA:C6:04:09:13:B0:E1:C5:61:16:0D:1B:12:22:95:DD";
const OTHER_FINGERPRINT = FINGERPRINT.replace("8C:", "8D:");

/** A description of the given lines. */
export function sdp(...lines: string[]): string {
  return ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", ...lines, ""].join("\r\n");
}

/** Lines that every bundled section of a browser's offer has. */
export function transport(ufrag: string, setup = "actpass", other = false): string[] {
  return [
    "c=IN IP4 0.0.0.0",
    `a=ice-ufrag:${ufrag}`,
    "a=ice-pwd:asd88fgpdd777uzjYhagZgas",
    "a=ice-options:trickle",
    other ? OTHER_FINGERPRINT : FINGERPRINT,
    `a=setup:${setup}`,
  ];
}

/** An audio section. */
export function audio(mid: string, ufrag: string, port = 9): string[] {
  return [
    `m=audio ${port} UDP/TLS/RTP/SAVPF 111 0`,
    ...transport(ufrag),
    `a=mid:${mid}`,
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
  ];
}

/** A data section. */
export function data(mid: string, ufrag: string, setup = "actpass", other = false): string[] {
  return [
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ...transport(ufrag, setup, other),
    `a=mid:${mid}`,
    "a=sctp-port:5000",
    "a=max-message-size:262144",
  ];
}

/** Data in the form of the drafts before RFC 8841, as browsers sent it until 2019. */
export function legacyData(mid: string, ufrag: string): string[] {
  return [
    "m=application 9 DTLS/SCTP 5000",
    ...transport(ufrag),
    `a=mid:${mid}`,
    "a=sctpmap:5000 webrtc-datachannel 1024",
  ];
}
