import { Html, markup } from "./html.ts";
import { STYLE } from "./style.ts";

/** Nothing of the page comes from elsewhere, and no script runs: a browser is told to hold to that. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A whole page around its content. */
export function pageOf(title: string, content: Html): string {
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>${title}: simulated addresses</title>
        <style>
          ${Html.trusted(STYLE)}
        </style>
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html> `;
  return page.toString();
}
