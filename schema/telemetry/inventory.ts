import Type, { type Static } from "typebox";

const Text = Type.String({ maxLength: 200 });
const Count = Type.Integer({ minimum: 0 });

/** What the host is made of, found at its start. Absent: could not be found out. */
export const Inventory = Type.Object({
  schema: Type.Literal("inventory/1"),
  os: Type.Optional(Type.Object({ distribution: Text, release: Text, kernel: Text, arch: Text })),
  cpu: Type.Optional(Type.Object({ model: Text, cores: Count, physicalCores: Count })),
  memory: Type.Optional(Type.Object({ bytes: Count })),
  disks: Type.Optional(Type.Array(Type.Object({ model: Text, bytes: Count }), { maxItems: 256 })),
  gpus: Type.Optional(
    Type.Array(
      Type.Object({
        model: Text,
        memory: Type.Optional(Count),
        driver: Type.Optional(Text),
        uuid: Type.Optional(Text),
      }),
      {
        maxItems: 64,
      },
    ),
  ),
});
export type Inventory = Static<typeof Inventory>;
