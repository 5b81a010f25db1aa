import { policy } from "@millwright/schema";

export const misspelt = policy({
  name: "two-replicas",
  on: "deployment",
  when: "self.factroy == 'support'",
  require: "self.replica >= 2",
  message: "Two replicas, please.",
});

export const secrets = policy({
  name: "no-secrets",
  on: "dataset",
  require: "self.classification != 'confidental' && self.name.startWith('public-')",
  message: "No secrets here.",
});

export const memory = policy({
  name: "enough-memory",
  on: "host",
  require: "self.memory >= '64GiB'",
  message: "64 GiB of main memory.",
});

export const number = policy({
  name: "no-bool",
  on: "host",
  require: "self.cores",
  message: "It has cores.",
});

export const whole = policy({
  name: "whole",
  on: "change",
  require: "self.hosts.size() > 0",
  message: "There are hosts.",
});
