// Finds and creates elements. If an expected element is missing in index.html, the page is broken, and this fails at once.

/** Returns the element with an id.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id @param {new () => T} [kind] @returns {T} */
export const element = (id, kind) => expected(document.getElementById(id), `#${id}`, kind);

/** Returns the first element inside another one that matches a selector.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} parent @param {string} selector @param {new () => T} [kind] @returns {T} */
export const inside = (parent, selector, kind) => expected(parent.querySelector(selector), selector, kind);

/** Returns a copy of a template's only element.
 * @param {HTMLTemplateElement} template @returns {HTMLElement} */
export const copyOf = (template) => expected(template.content.firstElementChild?.cloneNode(true), template.id);

/** @template {HTMLElement} [T=HTMLElement]
 * @param {Node | null | undefined} node @param {string} name @param {new () => T} [kind] @returns {T} */
function expected(node, name, kind) {
  if (node instanceof (kind ?? HTMLElement)) return /** @type {T} */ (node);
  throw new TypeError(`The page has no ${name}.`);
}

/** Creates an element with a text and a class.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {string} [text] @param {string} [className] */
export function make(tag, text = "", className = "") {
  const node = document.createElement(tag);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

/** Creates a button with a text.
 * @param {string} text @param {() => unknown} press */
export function makeButton(text, press) {
  const button = make("button", text);
  button.type = "button";
  button.addEventListener("click", () => press());
  return button;
}

/** Returns the closest element to an event's target that matches a selector.
 * @param {Event} event @param {string} selector @returns {HTMLElement | null} */
export function targetOf(event, selector) {
  const found = event.target instanceof Element ? event.target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}

/** Calls `submit` with a form's fields when it is submitted.
 * @param {HTMLFormElement} form @param {(fields: Fields) => unknown} submit */
export function onSubmit(form, submit) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(new Fields(form));
  });
}

/** Returns the texts in a form's fields. */
export class Fields {
  #data;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#data = new FormData(form);
  }

  /** Returns the text of the field with a name, or an empty text if there is no such field.
   * @param {string} name */
  text(name) {
    const value = this.#data.get(name);
    return typeof value === "string" ? value : "";
  }
}

/** Replaces a list's children, unless they are already the same.
 * @param {HTMLElement} list @param {HTMLElement[]} children */
export function setChildren(list, children) {
  if (children.length !== list.children.length || children.some((child, at) => list.children[at] !== child)) list.replaceChildren(...children);
}
