/** URIs under which SDP's "extmap" negotiates the header extensions that this layer can read. */
export const RTP_EXTENSION_URI = {
  /** The time of sending: see `readAbsSendTime`. */
  absSendTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  /** A sequence number across streams: see `readTransportSequenceNumber`. */
  transportSequenceNumber:
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  /** RFC 6464 §4: see `readAudioLevel`. */
  audioLevel: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  /** RFC 6465 §5: see `readCsrcAudioLevel`. */
  csrcAudioLevels: "urn:ietf:params:rtp-hdrext:csrc-audio-level",
  /** RFC 9143 §15.2: the identification tag of the m= section, see `readSdesItem`. */
  mid: "urn:ietf:params:rtp-hdrext:sdes:mid",
  /** RFC 8852 §4.3: the name of an encoding, see `readRtpStreamId`. */
  rtpStreamId: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  /** RFC 8852 §4.4: the name of the encoding that a retransmission repairs. */
  repairedRtpStreamId: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
  /** 3GPP TS 26.114 §7.4.5: see `readVideoOrientation`. */
  videoOrientation: "urn:3gpp:video-orientation",
  /** The time of capture: see `readAbsoluteCaptureTime`. */
  absoluteCaptureTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
  /** Limits of a receiver's delay: see `readPlayoutDelay`. */
  playoutDelay: "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
} as const;
