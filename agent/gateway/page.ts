import { createHash } from "node:crypto";
import { operations } from "./api-operations.ts";

/** The gateway's page: one document that loads nothing, and whose policy lets nothing else be loaded or run. */
export interface Page {
  readonly html: string;
  /** Content Security Policy, level 3: by digest, what stands in the page itself. */
  readonly policy: string;
}

export function gatewayPage(): Page {
  const policy = [
    "default-src 'none'",
    `style-src '${digestFor(style)}'`,
    `script-src '${digestFor(script)}'`,
    ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join("; ");
  return { html, policy };
}

function digestFor(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0; } h2 { margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
code, pre { font: .9em ui-monospace, monospace; }
pre { padding: .75rem; overflow-x: auto; background: #8882; border-radius: .35rem; }
form { display: flex; gap: .5rem; flex-wrap: wrap; align-items: center; }
input { font: inherit; padding: .25rem .5rem; min-width: 20rem; }
button { font: inherit; padding: .25rem .75rem; }
summary { cursor: pointer; padding: .25rem 0; }
`;

// What the host says reaches the page as text, never as markup; the key stays in its field.
const script = `
const form = document.querySelector("form");
const said = document.querySelector("#said");
const rows = document.querySelector("#models");
const cell = (row, text) => { row.insertCell().textContent = text; };
const list = async () => {
  const key = form.elements.key.value.trim();
  said.textContent = "Asking…";
  rows.replaceChildren();
  try {
    const headers = key === "" ? {} : { authorization: "Bearer " + key };
    const answer = await fetch("/v1/models", { headers });
    const body = await answer.json();
    if (!answer.ok) { said.textContent = body.error.message; return; }
    for (const { id, owned_by, x_millwright } of body.data) {
      const row = rows.insertRow();
      cell(row, id);
      cell(row, x_millwright.kind);
      cell(row, owned_by);
    }
    said.textContent = body.data.length === 0 ? "None yet." : "";
    const first = body.data[0];
    if (first === undefined) return;
    for (const each of document.querySelectorAll(".model")) each.textContent = first.id;
  } catch {
    said.textContent = "The host does not answer.";
  }
};
form.addEventListener("submit", (event) => { event.preventDefault(); void list(); });
for (const each of document.querySelectorAll(".origin")) each.textContent = location.origin;
void list();
`;

const asked = operations.filter(({ body, path }) => body !== undefined && path.startsWith("/v1/"));

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Millwright gateway</title>
<style>${style}</style>
</head>
<body>
<header><h1>Millwright gateway</h1>
<p>The models of this host, as OpenAI's clients ask for them. The whole of it: <a href="/openapi.json">openapi.json</a>.</p></header>
<main>
<section><h2>Models</h2>
<form><label>Key <input name="key" type="password" autocomplete="off" placeholder="where a model needs one"></label>
<button>List</button> <output id="said" role="status"></output></form>
<table><thead><tr><th scope="col">model</th><th scope="col">kind</th><th scope="col">factory</th></tr></thead><tbody id="models"></tbody></table>
<noscript><p>Without scripts: <code>curl /v1/models</code>.</p></noscript></section>
<section><h2>How to ask</h2>
${asked.map(exampleOf).join("\n")}
</section>
<section><h2>Addresses</h2>
<table><thead><tr><th scope="col">address</th><th scope="col">what it does</th></tr></thead><tbody>
${operations.map(({ method, path, summary }) => `<tr><td><code>${method.toUpperCase()} ${escaped(path)}</code></td><td>${escaped(summary)}</td></tr>`).join("\n")}
</tbody></table></section>
</main>
<script>${script}</script>
</body>
</html>
`;

/** As a command for a shell. The model's name is put in by the script. */
function exampleOf({ path, summary, example }: (typeof operations)[number]): string {
  const body = escaped(JSON.stringify(example ?? {}).replaceAll("'", "'\\''"));
  const shown = body.replace(
    /(&quot;model&quot;:&quot;)[^&]*/,
    '$1<span class="model">MODEL</span>',
  );
  return `<details${path === "/v1/chat/completions" ? " open" : ""}><summary>${escaped(summary)}: <code>${path}</code></summary>
<pre>curl <span class="origin"></span>${path} \\
  -H 'content-type: application/json' \\
  -H "authorization: Bearer $KEY" \\
  -d '${shown}'</pre></details>`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
