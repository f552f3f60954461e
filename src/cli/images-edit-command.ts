import type { ApiClient } from '../api/create-client.ts';
import { editImage, getImage } from '../api/images.ts';
import { BuilderError, isBuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Command, CommandArguments, CommandContext, OptionDefinitions } from './command.ts';
import { integerFrom, serverOptions, waitOption } from './common-options.ts';
import { conflictText } from './conflict-text.ts';
import { imageOptions, type SaidFields, saidFields } from './image-options.ts';
import type { Image } from './image-text.ts';
import { outputFrom, outputOptions } from './output-format.ts';
import { pointIntoFile, readSpecText } from './read-spec-text.ts';
import { reportChange } from './report-change.ts';
import { openServer } from './server-connection.ts';

const options = {
  version: {
    type: 'string',
    value: 'N',
    description: 'Edit only if the image is still at this version, as "images get" showed it.',
  },
  ...imageOptions,
  private: { type: 'boolean', description: 'No longer for everyone: only for its groups.' },
  ...waitOption,
  ...outputOptions,
  ...serverOptions,
} as const satisfies OptionDefinitions;

export const imagesEditCommand: Command = {
  name: 'images edit',
  summary: 'Change an image; it is built again when what is built changes.',
  operands: 'NAME [SPEC.yaml]',
  arity: [1, 2],
  description: `
Only what the file and the flags say changes; the name of an image never does. When somebody else has changed the image meanwhile, the edit
is refused and both versions are shown: nothing is merged silently.`,
  options,
  examples: [
    'imagewright images edit research-notebook SPEC.yaml --wait',
    'imagewright images edit research-notebook --description "For the second term"',
    'imagewright images edit research-notebook SPEC.yaml --version 7',
  ],
  run: runEdit,
};

async function runEdit({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  outputFrom(options);
  const [name, path] = positionals as [string, string | undefined];
  const insisted = integerFrom(options, 'version');
  if (options.boolean('global') && options.boolean('private')) {
    throw new BuilderError('command-invalid', say`--global and --private exclude each other`);
  }
  const file = path === undefined ? undefined : await readSpecText(path, context.stdin);
  if (file !== undefined && file.name !== name) {
    throw new BuilderError('command-invalid', say`${path} is the spec of "${file.name}", not of "${name}"`, {
      hint: say`The name of an image never changes; "imagewright images create" makes another one.`,
    });
  }
  const fields = { ...saidFields(options, file), ...(options.boolean('private') && { isGlobal: false }) };
  if (Object.keys(fields).length === 0) {
    throw new BuilderError('command-invalid', say`Nothing is said that could change the image`, {
      hint: say`Give a spec file or a flag, see: imagewright images edit --help`,
    });
  }
  const client = await openServer(options, context);
  const version = insisted ?? (await client.call(getImage, { params: { name } })).version;
  const changed = await sendEdit(client, { name, version, fields }, context);
  const done = `Changed ${name} to version ${changed.image.version}`;
  await reportChange(client, { ...changed, done }, { options, context });
}

interface Edit {
  readonly name: string;
  readonly version: number;
  readonly fields: SaidFields;
}

async function sendEdit(client: ApiClient, { name, version, fields }: Edit, { stderr }: CommandContext) {
  try {
    return await client.call(editImage, { params: { name }, body: { version, ...fields } });
  } catch (error) {
    if (isBuilderError(error, 'conflict') && error.current !== undefined) {
      stderr.write(`${conflictText({ version, fields }, error.current as Image)}\n`);
    }
    return pointIntoFile(error);
  }
}
