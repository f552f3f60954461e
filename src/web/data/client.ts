import { createApiClient } from '../../api/create-client.ts';

/** The one way to the server; the cookie says who asks. */
export const client = createApiClient({ url: location.origin });
