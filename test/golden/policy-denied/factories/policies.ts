import { policy } from "@millwright/schema";

export const replicas = policy({
  name: "two-replicas",
  on: "deployment",
  require: "has(self.replicas) && self.replicas >= 20",
  message: "Answered around the clock: twenty replicas.",
});

export const sites = policy({
  name: "known-sites",
  on: "host",
  require: "self.site in ['lon', 'par']",
  message: "We have no other sites. Ask facilities.",
});

export const threads = policy({
  name: "few-deployments",
  on: "plan",
  require: "self.deployments.size() == 0",
  message: "Hosts stay empty.",
});
