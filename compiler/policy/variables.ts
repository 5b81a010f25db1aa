import {
  Deployment,
  definitionSchemas,
  HostPlan,
  type Kind,
  type PolicySubject,
} from "@millwright/schema";
import type { TSchema } from "typebox";
import { type Field, listOf, mapOf, type ObjectType, string, type Type } from "../cel/cel.ts";
import { typeOfSchema } from "./schema-type.ts";

const variableNames = ["self", "definitions", "before", "after", "touched"] as const;
export type VariableName = (typeof variableNames)[number];

/** What is written, or a part of it, of which there are many by name. */
export type Subjects = Kind | "deployment";

/** The types of everything that policies can read, made from the schemas of definitions and plans. */
export interface Types {
  readonly of: Readonly<Record<Subjects, Type>>;
  readonly plan: Type;
  readonly definitions: ObjectType;
  readonly touched: ObjectType;
}

/** All definitions as one object: the fleet, and by name what there is of every other kind. */
export const collections = {
  hosts: "host",
  models: "model",
  adapters: "adapter",
  datasets: "dataset",
  factories: "factory",
  deployments: "deployment",
  policies: "policy",
} as const satisfies Readonly<Record<string, Subjects>>;

// As JSON Schema, without what their static types know.
const planSchema: TSchema = HostPlan;
const deploymentSchema: TSchema = Deployment;

export function typesOfPolicies(): Types {
  const { fleet, host, model, adapter, dataset, factory, policy } = definitionSchemas;
  const of = {
    fleet: typeOfSchema(fleet, "fleet"),
    host: typeOfSchema(host, "host"),
    model: typeOfSchema(model, "model"),
    adapter: typeOfSchema(adapter, "adapter"),
    dataset: typeOfSchema(dataset, "dataset"),
    factory: typeOfSchema(factory, "factory"),
    policy: typeOfSchema(policy, "policy"),
    deployment: deploymentType(),
  };
  const names = Object.keys(collections);
  const fields = Object.entries(collections).map(([name, kind]): [string, Field] => [
    name,
    { type: mapOf(string, of[kind]), optional: false },
  ]);
  return {
    of,
    plan: planType(),
    definitions: {
      kind: "object",
      name: "definitions",
      fields: new Map([["fleet", { type: of.fleet, optional: false }], ...fields]),
    },
    touched: {
      kind: "object",
      name: "touched",
      fields: new Map(
        [...names, "plans"].map((name) => [name, { type: listOf(string), optional: false }]),
      ),
    },
  };
}

/** The certificate is for the agent, which checks it. What it proves stands in the definitions. */
function planType(): Type {
  const type = typeOfSchema(planSchema, "plan");
  if (type.kind !== "object") throw new Error("impossible: a plan is an object");
  const fields = [...type.fields].filter(([name]) => name !== "sovereignty");
  return { ...type, fields: new Map(fields) };
}

/** A deployment knows neither its name nor its factory: both stand around it. */
function deploymentType(): Type {
  const type = typeOfSchema(deploymentSchema, "deployment");
  if (type.kind !== "object") throw new Error("impossible: a deployment is an object");
  return {
    ...type,
    fields: new Map([
      ["name", { type: string, optional: false }],
      ["factory", { type: string, optional: false }],
      ...type.fields,
    ]),
  };
}

/** What a policy can name: what it judges, before and after the change, and all definitions. */
export function variablesOf(on: PolicySubject, types: Types): ReadonlyMap<VariableName, Type> {
  const { definitions, touched } = types;
  if (on === "change")
    return new Map<VariableName, Type>([
      ["definitions", definitions],
      ["before", definitions],
      ["after", definitions],
      ["touched", touched],
    ]);
  const self = on === "plan" ? types.plan : types.of[on];
  const before: Type = self.kind === "object" ? { ...self, nullable: true } : self;
  return new Map<VariableName, Type>([
    ["self", self],
    ["definitions", definitions],
    ["before", before],
    ["after", self],
  ]);
}
