/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** The element that `selector` names; the page is broken without it. */
export function find<E extends Element = HTMLElement>(
  selector: string,
  root: ParentNode = document,
): E {
  const element = root.querySelector<E>(selector);
  if (element === null) throw new Error(`no ${selector} in the page`);
  return element;
}

/** A new element. Text is always set as text: what peers send is never read as HTML. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...content);
  return element;
}

/** A new button. */
export function makeButton(label: string, onClick: () => void): HTMLButtonElement {
  const button = make("button", "", label);
  button.type = "button";
  button.addEventListener("click", onClick);
  return button;
}

/** Sets a text that changes often, touching the page only when it differs. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Colour of a state: fine, under way, or wrong. */
export type Tone = "good" | "wait" | "bad";

/** Sets a status pill. */
export function setPill(pill: HTMLElement, tone: Tone, text: string): void {
  pill.dataset.tone = tone;
  setText(find("span", pill), text);
}
