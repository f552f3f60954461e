/** First parts of the addresses that the page has views at: `/images/research-notebook`. */
export const pageSections = ['images', 'jobs', 'settings', 'profile'] as const;
