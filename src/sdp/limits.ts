/**
 * Bounds of what the parser takes. No standard sets them; they are our own, far above what a
 * conference of hundreds of participants sends and far below what would hurt a host.
 */

/** UTF-16 code units in a whole description. A browser's section of 40 codecs has about 5 k. */
export const MAX_SDP_LENGTH: number = 1 << 20;
/** Lines in a description. */
export const MAX_SDP_LINES: number = 20_000;
/** UTF-16 code units in one line. The longest in the field are H.265 parameter sets, under 2 k. */
export const MAX_SDP_LINE_LENGTH: number = 8192;
/** `m=` sections. */
export const MAX_SDP_MEDIA_SECTIONS: number = 512;
