import type { EventInit } from "./event_init.ts";
import { RTCDataChannel } from "./data_channel.ts";
import { classString, dictionary } from "./webidl.ts";

/** What an {@linkcode RTCDataChannelEvent} is made from. */
export interface RTCDataChannelEventInit extends EventInit {
  /** The channel. */
  channel: RTCDataChannel;
}

/** The "datachannel" event (webrtc-pc §6.3): the peer opened a channel. */
export class RTCDataChannelEvent extends Event {
  static {
    classString(this, "RTCDataChannelEvent");
  }

  readonly #channel: RTCDataChannel;

  /**
   * Makes an event.
   *
   * @param type "datachannel"
   * @param eventInitDict with the channel
   */
  constructor(type: string, eventInitDict: RTCDataChannelEventInit) {
    const given = dictionary(eventInitDict, "eventInitDict");
    super(type, given);
    if (!(given.channel instanceof RTCDataChannel)) {
      throw new TypeError("RTCDataChannelEventInit.channel must be an RTCDataChannel");
    }
    this.#channel = given.channel;
  }

  /** The channel. */
  get channel(): RTCDataChannel {
    return this.#channel;
  }
}
