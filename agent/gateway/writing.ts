import type { FastifyReply } from "fastify";
import type { Patience } from "./call.ts";
import type { Form } from "./form.ts";
import type { Guest } from "./guest.ts";
import type { Office } from "./office.ts";
import type { Routed } from "./routed.ts";
import type { Task } from "./task.ts";

/** One task on its way to an answer. */
export interface Writing {
  readonly office: Office;
  readonly reply: FastifyReply;
  readonly task: Task;
  readonly form: Form;
  readonly guest: Guest;
  readonly patience: Patience;
  readonly routed: Routed;
  /** UUIDv7, of the request and of the interaction. */
  readonly id: string;
  /** When it arrived. */
  readonly at: number;
  /** When it was its turn. */
  begunAt: number;
}
