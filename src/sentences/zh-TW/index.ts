import { apt } from './apt.ts';
import { bases } from './bases.ts';
import { conda } from './conda.ts';
import { packages } from './packages.ts';
import { pip } from './pip.ts';
import { registries } from './registries.ts';
import { service } from './service.ts';
import { specs } from './specs.ts';

/** What the server says, by the English as `say` has it: `There is no package "{0}"`. */
export const sentences: Readonly<Record<string, string>> = {
  ...apt,
  ...bases,
  ...conda,
  ...packages,
  ...pip,
  ...registries,
  ...service,
  ...specs,
};
