export { getMe } from './people.ts';
