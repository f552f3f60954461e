/** Headers that every answer carries; content is whatever someone pushed, so no browser may guess what it is. */
export const commonHeaders = {
  'Docker-Distribution-Api-Version': 'registry/2.0',
  'X-Content-Type-Options': 'nosniff',
} as const;
