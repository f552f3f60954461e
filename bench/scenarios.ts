export interface Scenario {
  readonly name: string;
  /** Repository that is pushed to. */
  readonly target: string;
  readonly packages: readonly string[];
  readonly apt?: readonly string[];
  readonly fresh: boolean;
}

const packages = ['numpy', 'pandas', 'openpyxl', 'scikit-learn', 'requests'];
const more = [...packages, 'httpx'];

/** What a platform's users do, in this order, each on what the one before left. */
export const pipScenarios: readonly Scenario[] = [
  { name: 'nothing cached', target: 'team/one', packages, fresh: false },
  { name: 'one package added', target: 'team/one', packages: more, fresh: false },
  { name: 'the same again', target: 'team/one', packages: more, fresh: false },
  { name: 'the same again, index asked', target: 'team/one', packages: more, fresh: true },
  { name: 'second image, same packages', target: 'team/two', packages: more, fresh: false },
];

// What notebooks with pictures, films and a database want.
const apt = ['git', 'libgl1', 'ffmpeg', 'libpq5'];

/** The same with apt packages below. */
export const aptScenarios: readonly Scenario[] = [
  { name: 'nothing cached', target: 'team/one', apt, packages, fresh: false },
  { name: 'one pip package added', target: 'team/one', apt, packages: more, fresh: false },
  { name: 'the same again', target: 'team/one', apt, packages: more, fresh: false },
  { name: 'second image, same apt list', target: 'team/two', apt, packages: ['requests', 'httpx'], fresh: false },
  { name: 'one apt package added', target: 'team/one', apt: [...apt, 'jq'], packages: more, fresh: false },
];

const condaPackages = ['python', 'numpy', 'pip', 'rich'];
const moreConda = [...condaPackages, 'click'];

/** Conda packages on a base without Python. */
export const condaScenarios: readonly Scenario[] = [
  { name: 'nothing cached', target: 'team/one', packages: condaPackages, fresh: false },
  { name: 'one package added', target: 'team/one', packages: moreConda, fresh: false },
  { name: 'the same again', target: 'team/one', packages: moreConda, fresh: false },
  { name: 'second image, same packages', target: 'team/two', packages: moreConda, fresh: false },
];
