import type { BuildEvent, LayerState } from '../build/build-event.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatReference } from '../oci/reference.ts';
import { closed } from '../sentences/closed.ts';
import type { JobFailure } from '../store/jobs.ts';

/** Turns what a build tells into the lines of its log; most events give none. */
export function createJobLog(): { linesOf(event: BuildEvent): readonly string[] } {
  let titles: readonly string[] = [];
  return {
    linesOf(event) {
      switch (event.type) {
        case 'step':
          return event.state === 'started'
            ? [`[Step: ${event.step}]`]
            : [`${event.step} took ${event.seconds.toFixed(1)} s`];
        case 'base': {
          const { reference, digest, platform, manifest } = event.base;
          const count = manifest.layers.length;
          return [
            `${formatReference(reference)} is ${digest}, ${formatPlatform(platform)}, ${count} ${count === 1 ? 'layer' : 'layers'}`,
          ];
        }
        case 'index':
          return event.bytes === 0 && event.done === 0 ? ['Reading the base for the first time'] : [];
        case 'working':
          return [event.message];
        case 'notice':
          return [`note: ${event.message}`];
        case 'locked':
          return [
            `Revision ${event.revision}: ${event.lock.packages.length} ${event.lock.packages.length === 1 ? 'package' : 'packages'} to add${event.fromCache ? ', remembered' : ''}`,
            ...event.lock.packages.map(({ ecosystem, name, version, requestedBy, requiredBy }) => {
              const why = requestedBy.length > 0 ? requestedBy.join(', ') : `needed by ${requiredBy.join(', ')}`;
              return `  ${ecosystem} ${name} ${version}  (${why})`;
            }),
          ];
        case 'output':
          return [`  ${event.line}`];
        case 'planned':
          titles = event.layers.map(({ title }) => title);
          return [];
        case 'layer': {
          const text = layerTexts[event.state];
          return text === undefined ? [] : [`${titles[event.layer] ?? 'layer'}: ${text}`];
        }
        default:
          return [];
      }
    },
  };
}

const layerTexts: Readonly<Partial<Record<LayerState, string>>> = {
  assembled: 'layer made',
  cached: 'layer was made before',
  present: 'the registry has it',
  mounted: 'mounted from another image of the registry',
  pushed: 'sent to the registry',
};

/** The last lines of a job that did not succeed. */
export function failureLines({ step, class: kind, message, hint, problems }: JobFailure): readonly string[] {
  const where = step === undefined ? '' : ` in step ${step}`;
  return [
    `ERROR${where} (${kind}): ${message}`,
    ...problems.map(({ field, line, text, message: why, hint: what }) => {
      const place = line === undefined ? field : `${field} line ${line}`;
      return `  ${place}${text === undefined ? '' : ` "${text}"`}: ${what === undefined ? why : `${closed(why, '.')} ${what}`}`;
    }),
    ...(hint === undefined ? [] : [`  ${hint}`]),
  ];
}
