/**
 * Floor 4: the engine of one peer connection: demultiplexing, wiring and order.
 *
 * @module
 */
export * from "./data_channel.ts";
export * from "./data_channels.ts";
export * from "./media_transport.ts";
export * from "./packet_kind.ts";
export * from "./peer_transport.ts";
export * from "./port_router.ts";
export * from "./transport_types.ts";
