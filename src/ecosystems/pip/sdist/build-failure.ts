import { BuilderError } from '../../../errors.ts';
import { quoted, type Sentence, say } from '../../../sentence.ts';

export interface FailedBuild {
  /** `psycopg2 2.9.10` */
  readonly title: string;
  /** What was written, the last lines at least. */
  readonly lines: readonly string[];
  readonly exitCode: number;
  /** True where the missing can be had by apt. */
  readonly hasApt: boolean;
  /** True when the output has been shown. */
  readonly isShown: boolean;
}

/** What is missing, in words, and the apt packages that bring it. */
interface Cause {
  readonly missing: Sentence;
  readonly apt?: readonly string[];
  readonly hint?: Sentence;
}

const compiler = ['build-essential'];

/** Debian packages of programs that builds call. */
const programs: Readonly<Record<string, readonly string[]>> = {
  pg_config: ['libpq-dev', ...compiler],
  mysql_config: ['default-libmysqlclient-dev', 'pkg-config', ...compiler],
  'pkg-config': ['pkg-config', ...compiler],
  'krb5-config': ['libkrb5-dev', ...compiler],
  'curl-config': ['libcurl4-openssl-dev', 'libssl-dev', ...compiler],
  'nc-config': ['libnetcdf-dev', ...compiler],
  'gdal-config': ['libgdal-dev', ...compiler],
  'geos-config': ['libgeos-dev', ...compiler],
  'xml2-config': ['libxml2-dev', 'libxslt1-dev', ...compiler],
  'xslt-config': ['libxml2-dev', 'libxslt1-dev', ...compiler],
  'llvm-config': ['llvm-dev', ...compiler],
  gfortran: ['gfortran', ...compiler],
  swig: ['swig', ...compiler],
  cmake: ['cmake', ...compiler],
  ninja: ['ninja-build'],
  git: ['git'],
  make: compiler,
  cargo: ['cargo', ...compiler],
  rustc: ['cargo', ...compiler],
};

/** Debian packages of headers, by the beginning of the path. */
const headers: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^Python\.h$/, ['python3-dev', ...compiler]],
  [/^libpq-fe\.h$/, ['libpq-dev']],
  [/^ffi\.h$/, ['libffi-dev']],
  [/^openssl\//, ['libssl-dev']],
  [/^zlib\.h$/, ['zlib1g-dev']],
  [/^bzlib\.h$/, ['libbz2-dev']],
  [/^lzma\.h$/, ['liblzma-dev']],
  [/^(?:libxml|libxslt)\//, ['libxml2-dev', 'libxslt1-dev']],
  [/^(?:mysql|mysqld_error)/, ['default-libmysqlclient-dev', 'pkg-config']],
  [/^sqlite3\.h$/, ['libsqlite3-dev']],
  [/^(?:lber|ldap)\.h$/, ['libldap2-dev', 'libsasl2-dev']],
  [/^sasl\//, ['libsasl2-dev']],
  [/^sql(?:ext|types)?\.h$/, ['unixodbc-dev']],
  [/^gssapi/, ['libkrb5-dev']],
  [/^curl\//, ['libcurl4-openssl-dev']],
  [/^jpeglib\.h$/, ['libjpeg-dev']],
  [/^(?:cairo|pango)/, ['libcairo2-dev', 'pkg-config']],
  [/^gmp\.h$/, ['libgmp-dev']],
  [/^mp(?:fr|c)\.h$/, ['libmpfr-dev', 'libmpc-dev']],
  [/^hdf5\.h$/, ['libhdf5-dev']],
  [/^geos_c\.h$/, ['libgeos-dev']],
  [/^snappy/, ['libsnappy-dev']],
  [/^portaudio\.h$/, ['portaudio19-dev']],
  [/^yaml\.h$/, ['libyaml-dev']],
  [/^zmq\.h$/, ['libzmq3-dev']],
  [/^(?:std\w+|string|math|errno|limits|features|assert|ctype|unistd|sys\/.*|asm\/.*|linux\/.*)\.h$/, compiler],
];

const tooOld = say`It is too old for this Python or for current build tools: take a newer version.`;
const anyCompiler = String.raw`(?:[\w.-]*-)?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d+)?`;
const programNames = Object.keys(programs)
  .map((name) => name.replace(/[+.]/g, '\\$&'))
  .join('|');

/** Ways in which builds say what they lack; the first one that is found in the output is the cause. */
const patterns: readonly (readonly [RegExp, (match: RegExpExecArray) => Cause])[] = [
  [/pg_config executable not found/, () => needsProgram('pg_config')],
  [/mysql_config(?: not found|: not found)|Can not find valid pkg-config name/, () => needsProgram('mysql_config')],
  [
    /can't find Rust compiler|Rust toolchain|rustc?(?: is)? not (?:found|installed)|requires Rust/i,
    () => needsProgram('cargo'),
  ],
  [/fatal error: longintrepr\.h/, () => ({ missing: say`a header that this Python no longer has`, hint: tooOld })],
  [/fatal error: ([\w./+-]+\.h(?:pp)?): No such file or directory/, ([, header]) => needsHeader(header!)],
  [
    new RegExp(
      `(?:command|execute|error:|running|compiler) '?\\[?'?(${anyCompiler})['"]?(?:,| |:| failed).*No such file or directory`,
    ),
    ([, program]) => ({ missing: say`the compiler ${program}`, apt: [...compiler, 'python3-dev'] }),
  ],
  [
    new RegExp(
      `(?:Unknown compiler\\(s\\)|No CMAKE_CXX?_COMPILER could be found|No such file or directory: '(${anyCompiler})'|no acceptable C compiler)`,
    ),
    () => ({ missing: say`a compiler`, apt: [...compiler, 'python3-dev'] }),
  ],
  [
    new RegExp(
      `(?:\\b|')(${programNames})(?:'|:| executable| command)? ?(?:command |: )?(?:not found|not installed|could not be found|No such file)`,
    ),
    ([, program]) => needsProgram(program!),
  ],
  [new RegExp(`No such file or directory: '(?:[^']*/)?(${programNames})'`), ([, program]) => needsProgram(program!)],
  [
    /cannot find -l(\S+?):?(?: |$)/,
    ([, library]) => ({
      missing: say`the library ${library}`,
      hint: say`Add the apt package that brings lib${library}.so; its name mostly ends in "-dev".`,
    }),
  ],
  [
    /(?:Temporary failure in name resolution|Name or service not known|Network is unreachable|Connection refused|Failed to establish a new connection|Could not resolve host)/,
    () => ({
      missing: say`the network, which builds do not get`,
      hint: say`Take a version that brings all it needs along, or build a wheel of it elsewhere and name that.`,
    }),
  ],
  [
    /ModuleNotFoundError: No module named '([\w.]+)'/,
    ([, module]) => ({
      missing: say`the Python module ${module}, which it does not declare`,
      hint:
        module === 'pkg_resources' || module === 'distutils'
          ? tooOld
          : say`Take another version, or tell its makers to name it in [build-system] of pyproject.toml.`,
    }),
  ],
];

/** Why a build failed, as plainly as its output lets us say it. */
export function explainBuildFailure({ title, lines, exitCode, hasApt, isShown }: FailedBuild): BuilderError {
  for (const [pattern, causeOf] of patterns) {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match === null) continue;
      const { missing, apt = [], hint } = causeOf(match);
      return failed(say`${title} cannot be built: it needs ${missing}`, hint ?? aptHint(apt, hasApt));
    }
  }
  const hint = isShown
    ? say`The log tells what its build wrote. Try another version, or tell its makers.`
    : say`Try another version, or tell its makers.`;
  return failed(say`${title} cannot be built: ${lastWord(lines) ?? say`it ended with exit code ${exitCode}`}`, hint);
}

function failed(message: Sentence, hint: Sentence): BuilderError {
  return new BuilderError('build-failed', message, { hint });
}

function needsProgram(name: string): Cause {
  const what = name === 'cargo' || name === 'rustc' ? say`the Rust compiler (cargo)` : quoted(name);
  return { missing: what, apt: programs[name]! };
}

function needsHeader(path: string): Cause {
  const apt = headers.find(([pattern]) => pattern.test(path))?.[1];
  if (apt !== undefined) return { missing: say`the header ${path}`, apt };
  return {
    missing: say`the header ${path}`,
    hint: say`Add the apt package that brings ${path}; its name mostly ends in "-dev".`,
  };
}

function aptHint(packages: readonly string[], hasApt: boolean): Sentence {
  const names = packages.join(' and ');
  if (packages.length === 1) {
    return hasApt
      ? say`Add the apt package ${names}.`
      : say`Choose a base image that has it (on Debian: the package ${names}).`;
  }
  return hasApt
    ? say`Add the apt packages ${names}.`
    : say`Choose a base image that has it (on Debian: the packages ${names}).`;
}

/** The room's own word on how its command ended. */
function isOfRoom(line: string): boolean {
  return /^Error: exit status \d+$/.test(line);
}

/** The line in which most tools say what was wrong: the last one that names an error, else the last few. */
function lastWord(lines: readonly string[]): string | undefined {
  const told = lines.map((line) => line.trim()).filter((line) => line !== '' && !isOfRoom(line));
  const named = told.findLast((line) => /^(?:[\w.]*(?:Error|Exception|Exit)\b|error:|fatal:|E:)/.test(line));
  const shown = named ?? told.slice(-5).join(' ');
  return shown === '' ? undefined : shown.slice(-500);
}
