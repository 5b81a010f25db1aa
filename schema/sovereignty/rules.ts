import { digestOf } from "../value/value.ts";

/** What a proof of the flow of data holds to. Whoever changes a rule changes this text, and with it the digest. */
const text = `sovereignty/1
Data carries a label, and a second one that holds once personal data is taken out of it.
A label says: how secret, where it may be, what it may be used for, how long it may be kept, whether it must be redacted
before it leaves a host, and under which consents it was given.
What several data come together in is as secret as the most secret of them, may be where all of them may be, be used for what
all of them may be used for, be kept as long as the shortest lived; it must be redacted if one of them must, and hangs on all their consents.
What learned from data carries the label of the data.
Nothing takes a label off but the redaction of personal data (personal/1), on the edges that say so.
What arrives somewhere must be no more secret than may be held there, must be allowed in every region of the place, be allowed
for what is done there, be kept no longer than it may, be redacted if it must and has left the host, and hang on no withdrawn consent.
`;

/** Names the rules in every certificate. */
export const SOVEREIGNTY_RULES = digestOf(Buffer.from(text, "utf8"));
