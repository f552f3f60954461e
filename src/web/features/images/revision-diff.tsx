import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { type Revision, useRevisionDifference } from '../../data/images.ts';
import { Answered } from '../../ui/answered.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Differences } from '../../ui/differences.tsx';
import { useFormat } from '../../ui/use-format.ts';

interface RevisionDiffProps {
  readonly name: string;
  /** The newest first, two at least. */
  readonly revisions: readonly Revision[];
}

/** What two revisions differ in; the latest two unless the address says otherwise. */
export function RevisionDiff({ name, revisions }: RevisionDiffProps) {
  const { t } = useTranslation('images');
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const from = params.get('from') ?? revisions[1]!.revision;
  const to = params.get('to') ?? revisions[0]!.revision;
  const difference = useRevisionDifference(name, from, to);
  const options = revisions.map(({ revision, createdAt }) => ({
    value: revision,
    text: `${revision} · ${format.dateTime(createdAt)}`,
  }));
  const choose = (changed: Record<string, string>) =>
    setParams((before) => ({ ...Object.fromEntries(before), from, to, ...changed }), {
      replace: true,
      preventScrollReset: true,
    });
  return (
    <section className="panel" aria-label={t('diff.title')}>
      <div className="toolbar">
        <h2>{t('diff.title')}</h2>
        <Choice
          label={t('diff.from')}
          isLabelHidden={false}
          value={from}
          {...{ options }}
          onChange={(each) => choose({ from: each })}
        />
        <Choice
          label={t('diff.to')}
          isLabelHidden={false}
          value={to}
          {...{ options }}
          onChange={(each) => choose({ to: each })}
        />
      </div>
      <Answered query={difference} rows={3}>
        {(found) => <Differences difference={found} />}
      </Answered>
    </section>
  );
}
