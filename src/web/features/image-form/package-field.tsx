import { lazy, Suspense, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShownProblem } from '../../ui/problem-alert.tsx';
import { Said } from '../../ui/said.tsx';
import { Waiting } from '../../ui/waiting.tsx';
import type { PackageKind } from './draft.ts';
import type { LineEditorHandle, PackageCompletions } from './line-editor.tsx';

/** The editor is as large as all other code of the form: it comes when it is first shown. */
const LineEditor = lazy(async () => ({ default: (await import('./line-editor.tsx')).LineEditor }));

interface PackageFieldProps {
  readonly completions: PackageCompletions;
  readonly text: string;
  readonly complaint: string | undefined;
  readonly problems: readonly ShownProblem[];
  readonly onChange: (text: string) => void;
  readonly onPaste: (text: string) => boolean;
}

const examples: Readonly<Record<PackageKind, string>> = {
  apt: 'git\ncurl',
  conda: 'conda-forge::numpy==1.26.*',
  pip: 'pandas[excel]>=2\nscikit-learn',
};

/** One list of packages, with what is wrong with it below, line by line. */
export function PackageField({ text, complaint, problems, ...editing }: PackageFieldProps) {
  const { kind } = editing.completions;
  const { t } = useTranslation(['imageForm', 'ui']);
  const id = useId();
  const editor = useRef<LineEditorHandle>(null);
  const isInvalid = problems.length > 0 || complaint !== undefined;
  return (
    <div className="form-field">
      <span className="form-hint">{t('packagesHint')}</span>
      <Suspense fallback={<Waiting rows={5} />}>
        <LineEditor
          ref={editor}
          {...{ id, isInvalid, problems }}
          {...editing}
          label={t(`field.${kind}`)}
          describedBy={isInvalid ? `${id}-problems` : undefined}
          example={examples[kind]}
          value={text}
        />
      </Suspense>
      {isInvalid && (
        <div id={`${id}-problems`} className="form-problems">
          {complaint !== undefined && <p>{complaint}</p>}
          {problems.map(({ line, message, hint }) => (
            <p key={`${line}:${message}`}>
              {line !== undefined && (
                <button type="button" className="link-button" onClick={() => editor.current?.goToLine(line)}>
                  {t('ui:line', { line })}
                </button>
              )}{' '}
              <Said text={message} hint={hint} />
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
