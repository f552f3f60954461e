import { describe, expect, it } from 'vitest';
import { readRequirementLines } from './requirement-lines.ts';
import { explainFailure, packagesWithoutWheels } from './uv-failure.ts';

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

describe('explainFailure', () => {
  it.each([
    'the requested Python version (>=3.11.2)',
    // Where the Python that uv runs with is of that version, too.
    'the current Python version (3.11.2)',
  ])('calls it the Python of the base where uv says "%s"', (python) => {
    const { lines } = readRequirementLines([{ line: 1, text: 'tomorrow' }]);
    const causes = `Because ${python} does not satisfy Python>=3.12 and tomorrow==1.0 depends on Python>=3.12, we can conclude that tomorrow==1.0 cannot be used.\n  And because only tomorrow==1.0 is available and you require tomorrow, we can conclude that your requirements are unsatisfiable.`;
    expect(
      explainFailure(`error: No solution found when resolving dependencies:\n  cause: ${causes}\n`, lines),
    ).toEqual([
      expect.objectContaining({
        code: 'python-incompatible',
        line: 1,
        message: expect.stringMatching(
          /^Because Python 3\.11\.2 of the base does not satisfy Python>=3\.12 and tomorrow/,
        ),
      }),
    ]);
  });

  it.each([
    ['HTTP status client error (401 Unauthorized) for url (http://127.0.0.1:40345/simple/lib/)', 'refuses us (401)'],
    [
      'error sending request for url (http://127.0.0.1:40345/simple/lib/)\n  cause: connection refused',
      'cannot be reached',
    ],
  ])('takes no port for a status: "%s"', (cause, message) => {
    const said = `error: Failed to fetch: \`http://127.0.0.1:40345/simple/lib/\`\n  cause: ${cause}\n`;
    expect(() => explainFailure(said, [])).toThrow(message);
  });
});
