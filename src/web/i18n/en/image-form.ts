export const imageForm = {} as const;
