/** Whether the long form is asked for: `npm run test:long`. The short one tests the same, of fewer cases. */
export const isLong = process.env["MILLWRIGHT_LONG"] === "1";
