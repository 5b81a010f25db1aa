/** Who wrote a line, as the commit says; nobody has proved it. Texts are the author's own: show them with `visible`. */
export interface Authorship {
  readonly commit: string;
  readonly author: string;
  readonly email: string;
  /** When it was written, ISO 8601 with the author's zone. */
  readonly date: string;
  readonly subject: string;
  /** The path it had then, when it was renamed since. From the root of the repository. */
  readonly path: string;
}

export type Origin =
  | { readonly kind: "commit"; readonly authorship: Authorship }
  | { readonly kind: "uncommitted" }
  | { readonly kind: "unknown"; readonly why: string };
