export const bases = {} as const;
