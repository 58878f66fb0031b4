import type { SignalingOptions } from "../../../src/signaling/mod.ts";
import { SECRET } from "../protocol.ts";

const PLENTY = 1e9;

/** Tokens and every limit are at work; those of rates are wide enough not to be reached. */
export const STERNA_OPTIONS: SignalingOptions = {
  tokens: { keys: [{ algorithm: "HS256", secret: SECRET }] },
  origins: ["https://app.example"],
  limits: {
    connectionsPerAddress: 20_000,
    messagesPerSecond: PLENTY,
    messageBurst: PLENTY,
    messagesPerSecondPerAddress: PLENTY,
    messageBurstPerAddress: PLENTY,
    bytesPerSecond: PLENTY,
    byteBurst: PLENTY,
  },
};
