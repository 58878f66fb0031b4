import type { SdpAttribute, ValueAttribute } from "./attributes.ts";
import type { Source } from "./source.ts";

/** Reads and writes the value of one attribute. */
export interface AttributeCodec<Attribute extends SdpAttribute> {
  /** @throws SdpError from `source` */
  parse(value: string, source: Source): Attribute;
  /** The usual form of the value, as its RFC writes it. */
  format(attribute: Attribute): string;
}

/** A codec for each attribute that has a modelled value. */
export type AttributeCodecs = {
  readonly [Attribute in ValueAttribute as Attribute["name"]]: AttributeCodec<Attribute>;
};
