import type { SrtpProfile } from "../../../src/srtp/mod.ts";
import { hexEncode } from "../../../src/base/mod.ts";
import { Child } from "./child.ts";
import { missingAfter, run, runs } from "./programs.ts";

/** What the pipelines consist of, by the Debian package that has it. */
const ELEMENTS: readonly (readonly [element: string, debianPackage: string])[] = [
  ["rawaudioparse", "gstreamer1.0-plugins-base"],
  ["rtpL16pay", "gstreamer1.0-plugins-good"],
  ["rtpsession", "gstreamer1.0-plugins-good"],
  ["udpsrc", "gstreamer1.0-plugins-good"],
  ["srtpenc", "gstreamer1.0-plugins-bad"],
  ["srtpdec", "gstreamer1.0-plugins-bad"],
];

/** Why GStreamer cannot be used here, or `undefined`. */
export async function gstreamerMissing(): Promise<string | undefined> {
  if (!await runs("gst-launch-1.0")) return "no gst-launch-1.0 (Debian: gstreamer1.0-tools)";
  for (const [element, debianPackage] of ELEMENTS) {
    if (await missingAfter(() => run("gst-inspect-1.0", ["--exists", element])) !== undefined) {
      return `GStreamer has no ${element} (Debian: ${debianPackage})`;
    }
  }
  return undefined;
}

/** GStreamer's names for a cipher and for what authenticates RTP; RTCP always gets 80 bits. */
interface Names {
  readonly cipher: string;
  readonly auth: string;
  readonly controlAuth: string;
}

const NAMES: Readonly<Record<SrtpProfile, Names>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: {
    cipher: "aes-128-icm",
    auth: "hmac-sha1-80",
    controlAuth: "hmac-sha1-80",
  },
  SRTP_AES128_CM_HMAC_SHA1_32: {
    cipher: "aes-128-icm",
    auth: "hmac-sha1-32",
    controlAuth: "hmac-sha1-80",
  },
  SRTP_AEAD_AES_128_GCM: { cipher: "aes-128-gcm", auth: "null", controlAuth: "null" },
  SRTP_AEAD_AES_256_GCM: { cipher: "aes-256-gcm", auth: "null", controlAuth: "null" },
};

/** What `srtpenc` and `srtpdec` are told. */
export interface GstreamerKeys {
  readonly profile: SrtpProfile;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
}

function keyText({ masterKey, masterSalt }: GstreamerKeys): string {
  return hexEncode(masterKey) + hexEncode(masterSalt);
}

/** `srtpenc` with its properties. */
export function srtpenc(keys: GstreamerKeys): string {
  const { cipher, auth, controlAuth } = NAMES[keys.profile];
  return `srtpenc key=${keyText(keys)} rtp-cipher=${cipher} rtp-auth=${auth} ` +
    `rtcp-cipher=${cipher} rtcp-auth=${controlAuth}`;
}

/** The capabilities by which `srtpdec` learns the key of a source. */
export function srtpCaps(keys: GstreamerKeys, ssrc: number): string {
  const { cipher, auth, controlAuth } = NAMES[keys.profile];
  return `ssrc=(uint)${ssrc},roc=(uint)0,srtp-key=(buffer)${keyText(keys)},` +
    `srtp-cipher=(string)${cipher},srtp-auth=(string)${auth},` +
    `srtcp-cipher=(string)${cipher},srtcp-auth=(string)${controlAuth}`;
}

/** A pipeline in a process of its own. */
export class Pipeline {
  readonly #child: Child;
  readonly #ports = new Map<string, number>();
  readonly #playing = Promise.withResolvers<void>();
  /** Never resolves; is rejected when the pipeline breaks down. */
  readonly failure: Promise<never>;

  /** @param text as for `gst-launch-1.0`; its words hold no blanks */
  constructor(text: string) {
    const words = text.split(/\s+/).filter((word) => word !== "");
    this.#child = new Child({ command: "gst-launch-1.0", args: ["-v", ...words] }, (line) => {
      if (line.startsWith("Setting pipeline to PLAYING")) this.#playing.resolve();
      const [, name, port] = /GstUDPSrc:(\w+): port = (\d+)/.exec(line) ?? [];
      if (name !== undefined) this.#ports.set(name, Number(port));
    });
    this.failure = this.#watch();
  }

  /** Resolves when its sockets are open. */
  async playing(): Promise<void> {
    await Promise.race([this.#playing.promise, this.failure]);
  }

  /** Which port the `udpsrc` of this name has got, once the pipeline plays. */
  portOf(name: string): number {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`GStreamer did not tell the port of ${name}`);
    return port;
  }

  /** Ends it. */
  close(): Promise<void> {
    return this.#child.kill();
  }

  async #watch(): Promise<never> {
    const { code } = await this.#child.ended;
    // At the end of its file it may end before all of its packets have been looked at.
    if (code === 0) await new Promise(() => {});
    await this.#child.kill();
    throw new Error(`gst-launch-1.0 ended with code ${code}\n${this.#child.log}`);
  }
}
