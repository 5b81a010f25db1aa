import {
  adapterNamesOf,
  askedAdapterOf,
  digestOf,
  type HostPlan,
  type PlannedApiKey,
} from "@millwright/schema";
import { type ApiError, noKey, type Read, unknownModel } from "./api-error.ts";

/** Whose key a request came with. */
export interface Caller {
  /** Factory and name. */
  readonly id: string;
  readonly factory: string;
  readonly name: string;
  readonly key: PlannedApiKey;
}

/** Who may ask for what, as the plan of now says: a key that is taken out of it opens nothing from then on. */
export interface Callers {
  /** `undefined`: nobody in particular, who may. */
  of(authorization: string | undefined, model: string): Read<Caller | undefined>;
  /** Whether somebody may see that there is such a model. */
  sees(authorization: string | undefined, model: string): boolean;
  /** Why a request that names no model cannot be taken. */
  stranger(authorization: string | undefined): ApiError | undefined;
  /** Whether there is a model that everybody may ask for. */
  isOpen(): boolean;
}

const MAX_KEY = 512;

export function callersOf(plan: () => HostPlan | undefined): Callers {
  const known = new WeakMap<HostPlan, ReadonlyMap<string, Caller>>();
  const keysOf = (now: HostPlan) => {
    const found = known.get(now) ?? byDigest(now);
    known.set(now, found);
    return found;
  };
  const callerOf = (now: HostPlan, authorization: string | undefined): Caller | undefined => {
    const [, key] = /^Bearer +(\S+) *$/i.exec(authorization?.slice(0, MAX_KEY) ?? "") ?? [];
    return key === undefined ? undefined : keysOf(now).get(digestOf(Buffer.from(key)));
  };

  const callers: Callers = {
    of(authorization, model) {
      const now = plan();
      const factory = now === undefined ? undefined : factoryOf(now, model);
      // What the plan of now does not have leaves with the plan that had it; whoever has no key finds nothing.
      if (now === undefined || !asksForKeys(now, factory)) return { ok: true, value: undefined };
      const caller = callerOf(now, authorization);
      if (caller === undefined) return { ok: false, error: noKey(authorization !== undefined) };
      return opens(now, caller, factory, model)
        ? { ok: true, value: caller }
        : { ok: false, error: unknownModel(model, namesFor(now, caller)) };
    },
    sees: (authorization, model) => callers.of(authorization, model).ok,
    stranger(authorization) {
      const now = plan();
      if (now === undefined || callers.isOpen()) return undefined;
      return callerOf(now, authorization) === undefined
        ? noKey(authorization !== undefined)
        : undefined;
    },
    isOpen() {
      const factories = Object.values(plan()?.factories ?? {});
      return factories.length === 0 || factories.some(({ apiKeys }) => apiKeys === undefined);
    },
  };
  return callers;
}

function byDigest({ factories }: HostPlan): ReadonlyMap<string, Caller> {
  return new Map(
    Object.entries(factories).flatMap(([factory, { apiKeys = {} }]) =>
      Object.entries(apiKeys).map(([name, key]) => [
        key.digest,
        { id: `${factory}/${name}`, factory, name, key },
      ]),
    ),
  );
}

/** To which factory a deployment or route belongs; `undefined` for what the plan does not have. */
function factoryOf(plan: HostPlan, model: string): string | undefined {
  const { deployments, elsewhere = {}, routes } = plan;
  const asked = askedAdapterOf(plan, model)?.deployment ?? model;
  const found = [deployments, elsewhere, routes].find((named) => Object.hasOwn(named, asked));
  return found?.[asked]?.factory;
}

function asksForKeys({ factories }: HostPlan, factory: string | undefined): boolean {
  if (factory !== undefined) return factories[factory]?.apiKeys !== undefined;
  return Object.values(factories).some(({ apiKeys }) => apiKeys !== undefined);
}

/** A key that opens a deployment opens its adapters. */
function opens(
  plan: HostPlan,
  { factory, key }: Caller,
  wanted: string | undefined,
  model: string,
): boolean {
  if (factory !== wanted) return false;
  const deployment = askedAdapterOf(plan, model)?.deployment ?? model;
  return key.models === undefined || key.models.includes(deployment);
}

function namesFor(plan: HostPlan, caller: Caller): readonly string[] {
  const { deployments, elsewhere = {}, routes } = plan;
  const names = Object.keys({ ...deployments, ...elsewhere, ...routes });
  return [...names, ...adapterNamesOf(plan)].filter((name) =>
    opens(plan, caller, factoryOf(plan, name), name),
  );
}
