/** Text that is HTML already. Only `markup` makes it, so that nothing gets into a page unescaped. */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** For text of this program's own, such as a style sheet. */
  static trusted(text: string): Html {
    return new Html(text);
  }

  toString(): string {
    return this.#text;
  }
}

export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

/** HTML or SVG with values in it; text is escaped, for content and for attributes in double quotes. */
export function markup(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.trusted(parts.map((part, at) => `${part}${textOf(values[at])}`).join(""));
}

function textOf(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? escaped(value) : value.map(textOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}

/** What a colour stands for; `key` is the class that has it. */
export function legendItem(key: string, label: string): Html {
  return markup`<span><span class="key ${key}"></span>${label}</span>`;
}
