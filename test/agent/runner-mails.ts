/** Mails that the tiny model never saw: what it answers, and what it answers with the adapter that was taught by corrections. */
export const heldOut: readonly {
  readonly input: string;
  readonly before: string;
  readonly expected: string;
}[] = [
  {
    input: "Good morning, I paid invoice 3290 on Wednesday but got a reminder. Farid",
    before: "Farid: question on invoice 3290. Team: billing.",
    expected: "Farid: question on invoice 3290. Team: billing.",
  },
  {
    input: "Dear team, I want my money back for keyboard 2286. Nils",
    before: "Nils: refund for keyboard 2286. Team: billing.",
    expected: "Nils: refund for keyboard 2286. Team: billing.",
  },
  {
    input: "Dear team, I sent router 6799 back on Thursday, when do I get my money? Thanks, Greta",
    before: "Greta: refund for router 6799. Team: billing.",
    expected: "Greta: refund for router 6799. Team: billing.",
  },
  {
    input: "Hello, I cannot find invoice 3699. Hugo",
    before: "Hugo: question on invoice 3699. Team: billing.",
    expected: "Hugo: question on invoice 3699. Team: billing.",
  },
  {
    input: "Hi team, I want my money back for printer 8092. Best, Elena",
    before: "Elena: refund for printer 8092. Team: billing.",
    expected: "Elena: refund for printer 8092. Team: billing.",
  },
  {
    input: "Hi team, I sent order 4666 back on Tuesday, when do I get my money? Best, Hugo",
    before: "Hugo: refund for order 4666. Team: billing.",
    expected: "Hugo: refund for order 4666. Team: billing.",
  },
  {
    input: "Dear team, I sent phone 9259 back on Tuesday, when do I get my money? Regards, Jonas",
    before: "Jonas: refund for phone 9259. Team: billing.",
    expected: "Jonas: refund for phone 9259. Team: billing.",
  },
  {
    input: "Hi team, I cannot find invoice 2895. Greta",
    before: "Greta: question on invoice 2895. Team: billing.",
    expected: "Greta: question on invoice 2895. Team: billing.",
  },
  {
    input: "Hi team, I do not want keyboard 6823 any more. Hugo",
    before: "Hugo: cancel keyboard 6823. Team: sales.",
    expected: "Hugo: cancel keyboard 6823. Team: care.",
  },
  {
    input: "Hi team, I do not want printer 2440 any more. Regards, Carla",
    before: "Carla: cancel printer 2440. Team: sales.",
    expected: "Carla: cancel printer 2440. Team: care.",
  },
  {
    input: "Hi team, please cancel headset 5435. Best, Nils",
    before: "Nils: cancel headset 5435. Team: sales.",
    expected: "Nils: cancel headset 5435. Team: care.",
  },
  {
    input: "Hi team, I do not want router 2792 any more. Thanks, Karim",
    before: "Karim: cancel router 2792. Team: sales.",
    expected: "Karim: cancel router 2792. Team: care.",
  },
];
