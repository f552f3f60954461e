import { gzipSync } from 'node:zlib';
import { fixedMtime } from '../src/layers/tar-header.ts';
import type { IndexedFile } from './package-index.ts';

/** A source archive that is built by a backend of its own, so that nothing else has to be had. */
export interface SdistRecipe {
  readonly name: string;
  readonly version?: string;
  /** `Requires-Dist` lines of what is built. */
  readonly requires?: readonly string[];
  /** `build-system.requires` */
  readonly buildRequires?: readonly string[];
  /** What `get_requires_for_build_wheel` answers. */
  readonly asksFor?: readonly string[];
  /** Python that runs when the backend is asked what the source is. */
  readonly whenAsked?: string;
  /** Python that runs when the wheel is built. */
  readonly whenBuilt?: string;
  /** In place of what is told above. */
  readonly pyproject?: string;
}

/** The source archive for a test index. */
export function makeSdist(recipe: SdistRecipe): IndexedFile {
  const { name, version = '1.0', buildRequires = [] } = recipe;
  const stem = `${name.replaceAll('-', '_')}-${version}`;
  const pyproject = `[build-system]\nrequires = ${JSON.stringify(buildRequires)}\nbuild-backend = "own"\nbackend-path = ["."]\n`;
  return {
    filename: `${stem}.tar.gz`,
    bytes: gzipSync(
      makeTar({
        [`${stem}/PKG-INFO`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
        [`${stem}/pyproject.toml`]: recipe.pyproject ?? pyproject,
        [`${stem}/own.py`]: backendOf(recipe),
      }),
    ),
  };
}

function backendOf({ name, version = '1.0', requires = [], asksFor = [], whenAsked, whenBuilt }: SdistRecipe): string {
  const module = name.replaceAll('-', '_');
  const metadata = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`];
  const lines = [...metadata, ...requires.map((line) => `Requires-Dist: ${line}`)];
  const indented = (text = 'pass') => text.trim().replace(/^/gm, '    ');
  return `
import base64, hashlib, os, zipfile
digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
info = ${JSON.stringify(`${module}-${version}.dist-info`)}
metadata = ${JSON.stringify(`${lines.join('\n')}\n`)}

def get_requires_for_build_wheel(settings=None):
    return ${JSON.stringify(asksFor)}

def prepare_metadata_for_build_wheel(directory, settings=None):
${indented(whenAsked)}
    os.makedirs(os.path.join(directory, info))
    with open(os.path.join(directory, info, "METADATA"), "w") as file:
        file.write(metadata)
    return info

def build_wheel(directory, settings=None, metadata_directory=None):
${indented(whenBuilt)}
    name = ${JSON.stringify(`${module}-${version}-py3-none-any.whl`)}
    wheel = "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files = {${JSON.stringify(`${module}.py`)}: "epoch = " + os.environ["SOURCE_DATE_EPOCH"] + "\\n", info + "/METADATA": metadata, info + "/WHEEL": wheel}
    rows = [path + ",sha256=" + digest(content) + "," + str(len(content)) for path, content in files.items()]
    record = "\\n".join([*rows, info + "/RECORD,,", ""])
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, content in {**files, info + "/RECORD": record}.items():
            archive.writestr(path, content)
    return name
`;
}

/** Makes a tar archive of regular files (ustar). */
export function makeTar(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([path, content]) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write(`${fixedMtime.toString(8).padStart(11, '0')}\0`, 136);
    header.write('        0', 148);
    header.write('ustar\0' + '00', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
