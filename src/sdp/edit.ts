import type { AttributeName, MediaDirection, SdpAttribute } from "./attributes.ts";
import type { SdpSection } from "./model.ts";
import { isDirection } from "./query.ts";

/** The section, media or session, with `attributes` after those that it has. */
export function appendAttributes<Section extends SdpSection>(
  section: Section,
  ...attributes: readonly SdpAttribute[]
): Section {
  return { ...section, attributes: [...section.attributes, ...attributes] };
}

/**
 * The section with `attribute` in the place of the first one of its name, and no other of that name.
 * Where there was none, it comes last.
 */
export function replaceAttribute<Section extends SdpSection>(
  section: Section,
  attribute: SdpAttribute,
): Section {
  const at = section.attributes.findIndex((existing) => haveOneName(existing, attribute));
  if (at < 0) return appendAttributes(section, attribute);
  const attributes = section.attributes
    .map((existing, index) => index === at ? attribute : existing)
    .filter((existing) => existing === attribute || !haveOneName(existing, attribute));
  return { ...section, attributes };
}

/** The section with `direction` in the place of the one it says, or last. */
export function withDirection<Section extends SdpSection>(
  section: Section,
  direction: MediaDirection,
): Section {
  const attributes = section.attributes.filter(({ name }) => !isDirection(name));
  const at = section.attributes.findIndex(({ name }) => isDirection(name));
  attributes.splice(at < 0 ? attributes.length : at, 0, { name: direction });
  return { ...section, attributes };
}

/** The section without the attributes of these names. */
export function removeAttributes<Section extends SdpSection>(
  section: Section,
  ...names: readonly AttributeName[]
): Section {
  return {
    ...section,
    attributes: section.attributes.filter(({ name }) => !names.includes(name)),
  };
}

/** Attributes that are not modelled have their name in the text for `key`. */
function haveOneName(a: SdpAttribute, b: SdpAttribute): boolean {
  return a.name === "other" && b.name === "other" ? a.key === b.key : a.name === b.name;
}
