import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { isBuilderError } from '../../errors.ts';
import { Said } from './said.tsx';

interface ProblemAlertProps {
  readonly error: unknown;
  /** Offers to try again. */
  readonly onRetry?: (() => void) | undefined;
  /** False for a problem that stands at its field already; all are listed unless told. Where all stand there, nothing is left to say here. */
  readonly isListed?: (problem: ShownProblem) => boolean;
}

/** What went wrong, what to do, and every problem at its place; in the language of the page as far as the server's words have a translation. */
export function ProblemAlert({ error, onRetry, isListed = () => true }: ProblemAlertProps) {
  const { t } = useTranslation(['ui', 'errors']);
  const { code, message, hint, problems } = factsOf(error);
  const listed = problems.filter(isListed);
  if (problems.length > 0 && listed.length === 0) return null;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={t(`errors:${code}`)}
      description={
        <>
          <p>
            <Said text={message} />
          </p>
          {hint !== undefined && (
            <p>
              <Said text={hint} />
            </p>
          )}
          <ProblemList problems={listed} />
        </>
      }
      action={onRetry && <Button onClick={onRetry}>{t('retry')}</Button>}
    />
  );
}

/** A `Problem` as it comes over HTTP. */
export interface ShownProblem {
  readonly field: string;
  readonly line?: number | undefined;
  readonly text?: string | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Each problem with its place. */
export function ProblemList({ problems }: { readonly problems: readonly ShownProblem[] }) {
  const { t } = useTranslation('ui');
  if (problems.length === 0) return null;
  return (
    <ul className="problems">
      {problems.map(({ field, line, text, message, hint }) => (
        <li key={`${field}:${line}:${message}`}>
          <span className="problem-place">
            <code>{field}</code>
            {line !== undefined && ` ${t('line', { line })}`}
            {text !== undefined && (
              <>
                {' '}
                <code>{text}</code>
              </>
            )}
          </span>
          <span>
            <Said text={message} hint={hint} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function factsOf(error: unknown) {
  if (isBuilderError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'server-error', message, hint: undefined, problems: [] } as const;
}
