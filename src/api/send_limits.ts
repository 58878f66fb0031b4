import type { ChannelOwner } from "./channel_owner.ts";

/**
 * The limits of one message (webrtc-pc §6.2, send() algorithm): what the peer takes, and our buffer.
 *
 * @param buffered `bufferedAmount` of the channel
 * @throws {TypeError} larger than `maxMessageSize`
 * @throws {DOMException} `OperationError`, the buffer would overflow
 */
export function assertFits(
  size: number,
  { maxMessageSize, maxBufferSize }: ChannelOwner,
  buffered: number,
): void {
  if (size > maxMessageSize) {
    throw new TypeError(`a message of ${size} bytes is larger than the ${maxMessageSize} allowed`);
  }
  if (size > 0 && buffered + size > maxBufferSize) throw bufferFull();
}

/** What `send` throws when there is no room. */
export function bufferFull(): DOMException {
  return new DOMException("the send buffer is full; wait for bufferedamountlow", "OperationError");
}
