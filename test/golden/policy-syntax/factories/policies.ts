import { policy } from "@millwright/schema";

export const assigned = policy({
  name: "two-replicas",
  on: "deployment",
  require: "self.replicas = 2",
  message: "Two replicas, please.",
});

export const open = policy({
  name: "sites",
  on: "host",
  when: "has(self.labels",
  require: 'self.site == "fra" ||',
  message: "All of it stands in Frankfurt.",
});

export const joined = policy({
  name: "joined",
  on: "host",
  require: "self.site 'fra'",
  message: "All of it stands in Frankfurt.",
});
