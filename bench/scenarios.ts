export interface Scenario {
  readonly name: string;
  /** Repository that is pushed to. */
  readonly target: string;
  readonly packages: readonly string[];
  readonly fresh: boolean;
}

const packages = ['numpy', 'pandas', 'openpyxl', 'scikit-learn', 'requests'];
const more = [...packages, 'httpx'];

/** What a platform's users do, in this order, each on what the one before left. */
export const scenarios: readonly Scenario[] = [
  { name: 'nothing cached', target: 'team/one', packages, fresh: false },
  { name: 'one package added', target: 'team/one', packages: more, fresh: false },
  { name: 'the same again', target: 'team/one', packages: more, fresh: false },
  { name: 'the same again, index asked', target: 'team/one', packages: more, fresh: true },
  { name: 'second image, same packages', target: 'team/two', packages: more, fresh: false },
];
