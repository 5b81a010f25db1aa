export const endless = (depth: number): number => endless(depth + 1);
export const value = endless(0);
