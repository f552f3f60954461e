import { describe, expect, it } from 'vitest';
import { packagesWithoutWheels } from './uv-failure.ts';

describe('packagesWithoutWheels', () => {
  it.each([
    ['Because all versions of odfpy have no usable wheels and you require odfpy, we can conclude …', ['odfpy']],
    ['Because psycopg2==2.9.9 has no usable wheels and you require psycopg2==2.9.9', ['psycopg2']],
    [
      'Because docopt<=0.5.0 has no usable wheels and only the following versions of docopt are\n available',
      ['docopt'],
    ],
    [
      'Because odfpy==1.4.1 has no usable wheels and only odfpy<=1.4.1 is available.\n And because all of:\n pandas[excel]>=2.0.1,<=3.0.3\n depend on odfpy>=1.4.1',
      ['odfpy'],
    ],
    ['Because old==1.0 has no wheels with a matching Python ABI tag (e.g., `cp311`)', ['old']],
    ['hint: Wheels are required for `docopt` because building from source is disabled', ['docopt']],
    ['Because lib was not found in the package registry', []],
  ])('finds in %j', (text, names) => {
    expect(packagesWithoutWheels(text)).toEqual(names);
  });
});
