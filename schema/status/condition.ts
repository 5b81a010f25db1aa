import Type, { type Static } from "typebox";

/** Something that is the case on a host and that a person may have to know. Coded, so that nobody parses texts. */
export const Condition = Type.Object({
  /** `stage/what-is-the-case`, permanent. */
  code: Type.String({ pattern: "^[a-z]+/[a-z0-9-]+$", maxLength: 100 }),
  severity: Type.Enum(["info", "warning", "error"]),
  /** What it is about, when one code can hold several times: a deployment, a digest. */
  subject: Type.Optional(Type.String({ maxLength: 200 })),
  /** A fact with numbers, then the cure. */
  message: Type.String({ maxLength: 4000 }),
  /** Milliseconds since the Unix epoch. */
  since: Type.Integer({ minimum: 0 }),
});
export type Condition = Static<typeof Condition>;
