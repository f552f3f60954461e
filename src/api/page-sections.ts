/** First parts of the addresses that the page has views at: `/images/research-notebook`; an image may be called "new". */
export const pageSections = ['images', 'new-image', 'jobs', 'settings', 'profile'] as const;
