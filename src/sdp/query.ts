import type { AttributeName, AttributeOf, MediaDirection, SdpAttribute } from "./attributes.ts";
import type { MediaSection, SdpSection, SessionDescription } from "./model.ts";

/** The first attribute of that name in the section. */
export function attribute<Name extends AttributeName>(
  section: SdpSection,
  name: Name,
): AttributeOf<Name> | undefined {
  return section.attributes.find((candidate) => isNamed(candidate, name));
}

/** All attributes of that name in the section, in order. */
export function attributes<Name extends AttributeName>(
  section: SdpSection,
  name: Name,
): AttributeOf<Name>[] {
  return section.attributes.filter((candidate) => isNamed(candidate, name));
}

/** Whether the section holds an attribute of that name. */
export function hasAttribute(section: SdpSection, name: AttributeName): boolean {
  return section.attributes.some((candidate) => candidate.name === name);
}

/** The attribute of the media section or, when it has none, of the session. */
export function effectiveAttribute<Name extends AttributeName>(
  description: SessionDescription,
  section: MediaSection,
  name: Name,
): AttributeOf<Name> | undefined {
  return attribute(section, name) ?? attribute(description, name);
}

/** All of that name in the media section or, when it has none, in the session. */
export function effectiveAttributes<Name extends AttributeName>(
  description: SessionDescription,
  section: MediaSection,
  name: Name,
): AttributeOf<Name>[] {
  const own = attributes(section, name);
  return own.length > 0 ? own : attributes(description, name);
}

function isNamed<Name extends AttributeName>(
  candidate: SdpAttribute,
  name: Name,
): candidate is AttributeOf<Name> {
  return candidate.name === name;
}

/** The identification tag of the section (RFC 5888 §4). */
export function midOf(section: MediaSection): string | undefined {
  return attribute(section, "mid")?.mid;
}

/** The section with that identification tag. */
export function sectionByMid(
  description: SessionDescription,
  mid: string,
): MediaSection | undefined {
  return description.media.find((section) => midOf(section) === mid);
}

/** The identification tags of each group with these semantics, such as "BUNDLE". */
export function groups(
  description: SessionDescription,
  semantics: string,
): (readonly string[])[] {
  return attributes(description, "group")
    .filter((group) => group.semantics === semantics)
    .map((group) => group.mids);
}

/** Whether port 0 rejects the section; with `a=bundle-only` it does not (RFC 9143 §6). */
export function isRejected(section: MediaSection): boolean {
  return section.media.port === 0 && !hasAttribute(section, "bundle-only");
}

/** The direction of the section, of the session, or "sendrecv" (RFC 8866 §6.7). */
export function directionOf(
  description: SessionDescription,
  section: MediaSection,
): MediaDirection {
  return ownDirection(section) ?? ownDirection(description) ?? "sendrecv";
}

/** Whether an attribute of that name is a media direction. */
export function isDirection(name: string): name is MediaDirection {
  return name === "sendrecv" || name === "sendonly" || name === "recvonly" || name === "inactive";
}

function ownDirection(section: SdpSection): MediaDirection | undefined {
  return section.attributes.map(({ name }) => name).find(isDirection);
}
