import { memberConstantNames } from "./access.ts";
import { arrayMethods } from "./array-methods.ts";
import { budget } from "./budget.ts";
import { builtIns } from "./built-ins.ts";
import { foreignForms } from "./foreign.ts";
import { numberMethods } from "./number-methods.ts";
import { stringMethods } from "./string-methods.ts";

/** What the language has, by name: schema/LANGUAGE.md specifies it, and a test holds the two together. */
export const language = {
  functions: [...builtIns.keys()],
  constants: memberConstantNames,
  ofLists: [...arrayMethods.keys()],
  ofTexts: [...stringMethods.keys()],
  ofNumbers: [...numberMethods.keys()],
  refused: foreignForms,
  budget,
} as const;
