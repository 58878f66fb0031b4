import type { DataChannel } from "../peer/mod.ts";
import type { RTCDataChannel } from "./data_channel.ts";
import type { TaskQueue } from "./task_queue.ts";

/** What a channel needs of its connection. */
export interface ChannelOwner {
  readonly tasks: TaskQueue;
  /** webrtc-pc §6.1.1: [[MaxMessageSize]] of the SCTP transport, bytes. */
  readonly maxMessageSize: number;
  /** webrtc-pc §6.1.1: [[MaxBufferSize]] of the SCTP transport, bytes. */
  readonly maxBufferSize: number;
  /** The channel entered "open". */
  channelOpened(): void;
  /** The channel left "open". */
  channelLeftOpen(): void;
  /** The channel is closed. */
  channelClosed(channel: RTCDataChannel): void;
}

/** What the connection may do to a channel. */
export interface ChannelControl {
  readonly channel: RTCDataChannel;
  readonly handle: DataChannel;
  /** Tells channels apart in statistics. */
  readonly key: string;
  /** A remote channel becomes open before "datachannel" is fired (webrtc-pc §6.2.3). */
  openSilently(): void;
  /** The connection was closed: no event follows (webrtc-pc §4.4.3). */
  closeSilently(): void;
  /** The transport went away without the engine telling (data was rejected). */
  closeAbruptly(): void;
}
