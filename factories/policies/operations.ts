import { policy } from "@millwright/schema";

/** Whoever is called at night is a team, never somebody who is on holiday. */
export const ownerIsATeam = policy({
  name: "owner-is-a-team",
  on: "factory",
  require: "self.owner.startsWith('team-')",
  message: "A factory belongs to a team, so that somebody is always there: write owner: team-….",
});

export const aroundTheClock = policy({
  name: "around-the-clock",
  on: "deployment",
  when: "self.factory == 'support'",
  require: "has(self.replicas) && self.replicas >= 2 && has(self.spread)",
  message:
    "Support is answered around the clock: two replicas, and spread, so that one host can be serviced.",
});

/** The gateway asks callers for no key: only what runs on the host itself may reach it. */
export const gatewayOnLoopback = policy({
  name: "gateway-on-loopback",
  on: "plan",
  require: "self.gateway.listen.startsWith('127.0.0.1:')",
  message: "The gateway listens on 127.0.0.1; what faces the network is our reverse proxy.",
});

/** A small fleet is watched by those who change it. */
export const quarterEndIsFrozen = policy({
  name: "quarter-end-is-frozen",
  on: "fleet",
  when: "definitions.hosts.size() >= 10",
  require: "has(self.freeze) && 'quarter-end' in self.freeze",
  message: "Nothing moves while the books are closed: give the fleet a freeze window quarter-end.",
});

export const fewHostsAtOnce = policy({
  name: "few-hosts-at-once",
  on: "change",
  when: "before.hosts.size() >= 8 && has(touched.plans)",
  require: "touched.plans.size() * 4 <= before.hosts.size()",
  message: "One change gives at most a quarter of the hosts a new plan: split it.",
});

export const nothingDeletedInBulk = policy({
  name: "nothing-deleted-in-bulk",
  on: "change",
  require: `before.hosts.filter(name, !(name in after.hosts)).size() <= 1
    && before.datasets.filter(name, !(name in after.datasets)).size() <= 1`,
  message: "One change deletes at most one host and one dataset: a slip must not empty a site.",
});
