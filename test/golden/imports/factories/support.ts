import { readFileSync } from "node:fs";
import { shared } from "../../elsewhere/shared.ts";
import { sizes } from "./size.ts";
import { one } from "./one.ts";

export const value = [readFileSync, shared, sizes, one];
