import Type, { type Static } from "typebox";

/** What is told while a bundle is applied: how far it is, and last what came of it. */
export const ApplyLine = Type.Union([
  Type.Object({
    kind: Type.Literal("progress"),
    model: Type.String(),
    bytes: Type.Integer(),
    of: Type.Integer(),
  }),
  Type.Object({
    kind: Type.Literal("applied"),
    revision: Type.Integer(),
    /** That revision was wanted before, too. */
    known: Type.Boolean(),
    models: Type.Array(Type.String()),
  }),
  Type.Object({ kind: Type.Literal("refused"), reason: Type.String(), message: Type.String() }),
  Type.Object({ kind: Type.Literal("failed"), code: Type.String(), message: Type.String() }),
]);
export type ApplyLine = Static<typeof ApplyLine>;
