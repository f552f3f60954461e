export const images = {
  title: 'Images',
  name: 'Name',
} as const;
