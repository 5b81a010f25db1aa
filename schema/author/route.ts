import Type from "typebox";
import { NAME_PATTERN } from "../value/value.ts";
import type * as documented from "./documented.ts";
import { duration, named, strict } from "./field.ts";

const deployment = (description: string) =>
  Type.String({ minLength: 1, "x-deployment": true, description });

const target = (description: string) =>
  Type.String({ minLength: 1, "x-deployment": true, "x-route": true, description });

const split = () =>
  Type.Record(
    Type.String({ "x-deployment": true }),
    Type.Integer({ minimum: 1, maximum: 1_000_000, description: "Its weight among the others." }),
    {
      minProperties: 1,
      maxProperties: 16,
      description:
        "Deployments of this factory, each with its weight: so many of all conversations go there. A conversation (`metadata.episode_id`, else `user`) stays where it is.",
      examples: [{ triage: 95, "triage-next": 5 }],
    },
  );

/** A question to a small model: of which kind a task is. */
export const Classifier = strict(
  {
    by: deployment("The deployment that is asked: a small model, for every task waits for it."),
    labels: Type.Record(
      Type.String({ pattern: NAME_PATTERN }),
      strict(
        {
          is: Type.String({
            minLength: 1,
            maxLength: 300,
            description: "What tasks of this kind are, in the words that the model reads.",
          }),
          to: Type.Optional(
            target(
              "What answers them: a deployment, or a route that only leads to some. Absent: the next choice.",
            ),
          ),
        },
        { description: "One kind of task." },
      ),
      {
        additionalProperties: false,
        propertyNames: { maxLength: 63 },
        minProperties: 2,
        maxProperties: 16,
        description: "The kinds of task, by name.",
        examples: [
          {
            code: { is: "writes or explains programs", to: "coder" },
            mail: { is: "is about a letter or a mail", to: "triage" },
          },
        ],
      },
    ),
    atLeast: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          "How sure the model must be of the kind; 0.5 when absent. Below it, the next choice decides.",
      }),
    ),
    within: Type.Optional(
      duration("How long it is waited for; `1s` when absent. After that, the next choice decides."),
    ),
  },
  { description: "A question to a small model: of which kind a task is." },
);
export type Classifier = documented.Classifier;

/** One rule of a route, which is about some tasks or about all that are left. */
export const Choice = strict(
  {
    when: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1000,
        "x-cel": "bool",
        description:
          "CEL: which tasks it is about; all that are left, when absent. It reads `task`, `operation`, `tokens`, `messages`, `tools`, `schema`, `stream`, `language`, `caller` and `priority`.",
        examples: ["tokens < 2000 && !tools", 'language in ["de", "fr"]'],
      }),
    ),
    to: Type.Optional(
      target("What answers: a deployment, or a route of this factory that only leads to some."),
    ),
    split: Type.Optional(split()),
    classify: Type.Optional(Classifier),
  },
  { description: "One rule of a route, which is about some tasks or about all that are left." },
);
export type Choice = documented.Choice;

/** A name that callers use for a kind of task, and what answers it. */
export const Route = strict(
  {
    to: Type.Optional(deployment("A deployment of this factory.")),
    choose: Type.Optional(
      Type.Array(Choice, {
        minItems: 1,
        maxItems: 64,
        description:
          "Rules in place of `to`: the first that is about a task says what answers it. The last one is about all.",
        examples: [[{ when: "tokens < 2000 && !tools", to: "triage" }, { to: "planner" }]],
      }),
    ),
    split: Type.Optional(split()),
    fallback: Type.Optional(
      Type.Array(target("A deployment or another route of this factory."), {
        maxItems: 64,
        description:
          "What answers, in this order, when the first cannot: deployments, or other routes of this factory, each of which stands for all that it leads to.",
        examples: [["large"], ["summarise-carefully"]],
      }),
    ),
    escalate: Type.Optional(
      strict(
        {
          below: Type.Number({
            minimum: 0,
            maximum: 1,
            description:
              "The confidence below which the answer is not given: the mean probability (geometric) of its tokens.",
          }),
          to: deployment("The deployment that is then asked the same."),
        },
        {
          description:
            "A second, larger model for answers of which the first is not sure. Nothing is streamed before the answer is whole.",
          examples: [{ below: 0.6, to: "large" }],
        },
      ),
    ),
    shadow: Type.Optional(
      strict(
        {
          to: deployment("The deployment that is asked the same, afterwards and out of turn."),
          share: Type.Number({ minimum: 0, maximum: 1, description: "Of all tasks." }),
        },
        {
          description:
            "A deployment that is tried out: its answers are compared with those that were given, and nobody gets them.",
          examples: [{ to: "triage-next", share: 0.1 }],
        },
      ),
    ),
  },
  { description: "A name that callers use for a kind of task, and what answers it." },
);
export type Route = documented.Route;

/** Routes by name. */
export const Routes = named(Route, "By name: what callers ask for.");
