import type { Command, OptionDefinition, OptionDefinitions } from './command.ts';
import { helpOption } from './parse-arguments.ts';

/** The help of one command. */
export function commandHelp(command: Command): string {
  const sections = [
    `${command.summary}`,
    `Usage: ${usageLine(command)}`,
    command.description.trim(),
    `Options:\n${optionLines({ ...command.options, ...helpOption })}`,
    ...(command.examples.length > 0 ? [`Examples:\n${command.examples.map((line) => `  ${line}`).join('\n')}`] : []),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** `imagewright build SPEC.yaml [options]` */
export function usageLine({ name, operands }: Command): string {
  return ['imagewright', name, operands, '[options]'].filter((word) => word !== '').join(' ');
}

/** The help of the program. */
export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return `Imagewright builds container images from a base image and the packages to add.

Usage: imagewright COMMAND [options]

Commands:
${lines.join('\n')}

A first image, in two terminals:
  imagewright up
  imagewright registry import base.tar 127.0.0.1:8080/python:3.11
  imagewright build SPEC.yaml

"imagewright COMMAND --help" tells more. Exit codes: 0 done, 2 bad command or spec, 3 packages cannot be resolved,
4 build step failed, 5 registry or network, 6 not allowed, 1 a bug of ours, 130 cancelled.
`;
}

function optionLines(options: OptionDefinitions): string {
  const rows = Object.entries(options).map(([name, option]) => [flagOf(name, option), descriptionOf(option)] as const);
  const width = Math.max(...rows.map(([flag]) => flag.length)) + 2;
  return rows.map(([flag, description]) => `  ${flag.padEnd(width)}${description}`).join('\n');
}

function flagOf(name: string, { short, value, type }: OptionDefinition): string {
  const flag = short === undefined ? `    --${name}` : `-${short}, --${name}`;
  return type === 'string' ? `${flag} ${value ?? 'VALUE'}` : flag;
}

function descriptionOf({ description, env }: OptionDefinition): string {
  return env === undefined ? description : `${description} [$${env}]`;
}
