import { Button, Radio } from 'antd';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isBuilderError } from '../../../errors.ts';
import { notify } from '../../data/notices.ts';
import { type Registry, type RegistryTest, useSetRegistry, useTestRegistry } from '../../data/registry.ts';
import { CheckField } from '../../ui/check-field.tsx';
import { Facts } from '../../ui/facts.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SecretField } from '../../ui/secret-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { UnsavedGuard } from '../../ui/unsaved-guard.tsx';
import { type Form, useForm } from '../../ui/use-form.ts';
import { RegistryChecks } from './registry-checks.tsx';
import { inputOf, type RegistryValues, requiredOf, valuesOf } from './registry-values.ts';
import { StaleRegistry } from './stale-registry.tsx';

const places = ['registry', 'embedded', 'none'] as const;

/** Changes where images go, from the settings as they stood when it was opened. */
export function RegistryForm({ opened }: { readonly opened: Registry }) {
  const { t } = useTranslation('settings');
  const [from, setFrom] = useState(opened);
  const form = useForm({ initial: valuesOf(opened), required: requiredOf });
  const { values, set, reset, attempt, error, element } = form;
  const [doing, setDoing] = useState<'save' | 'test'>('save');
  const [tested, setTested] = useState<{ readonly values: RegistryValues; readonly test: RegistryTest }>();
  const setRegistry = useSetRegistry();
  const testRegistry = useTestRegistry();

  const begin = (registry: Registry) => {
    setFrom(registry);
    reset(valuesOf(registry));
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!form.isChanged) return;
    setDoing('save');
    await attempt(async () => {
      begin(await setRegistry.mutateAsync({ body: { ...inputOf(values), version: from.version } }));
      notify({ kind: 'success', text: t('registry.saved') });
    });
  };
  const tryOut = async () => {
    setDoing('test');
    await attempt(async () => {
      setTested({ values, test: await testRegistry.mutateAsync({ body: { settings: inputOf(values) } }) });
    });
  };
  const theirs = isBuilderError(error, 'conflict') ? (error.current as Registry | undefined) : undefined;
  const isLost = from.source === 'stored' && values.place !== 'registry';
  return (
    <form ref={element} className="stack narrow" noValidate onSubmit={save}>
      <UnsavedGuard isUnsaved={() => form.isChanged} onLeave={() => begin(from)} />
      {theirs !== undefined && (
        <StaleRegistry
          mine={values}
          theirs={theirs}
          onTakeTheirs={() => begin(theirs)}
          onKeepMine={() => {
            setFrom(theirs);
            set({});
          }}
        />
      )}
      <section className="panel">
        <Facts items={useStanding(from)} />
      </section>
      <section className="panel stack">
        <fieldset className="form-field">
          <legend>{t('registry.place')}</legend>
          <Radio.Group
            className="radios"
            aria-label={t('registry.place')}
            value={values.place}
            options={places.map((place) => ({ value: place, label: t(`registry.placeOf.${place}`) }))}
            onChange={({ target }) => set({ place: target.value })}
          />
        </fieldset>
        {isLost && <p className="warn">{t('registry.isLost')}</p>}
        {values.place === 'registry' && <RegistryFields form={form} hasPassword={from.hasPassword} />}
      </section>
      {tested?.values === values && <RegistryChecks test={tested.test} />}
      {error !== undefined && theirs === undefined && (
        <ProblemAlert error={error} isListed={(problem) => !form.isPlaced(problem)} />
      )}
      <div className="buttons">
        <Button
          type="primary"
          htmlType="submit"
          aria-disabled={!form.isChanged}
          loading={form.isBusy && doing === 'save'}
        >
          {t('save')}
        </Button>
        {values.place !== 'none' && (
          <Button onClick={tryOut} loading={form.isBusy && doing === 'test'}>
            {t('registry.test')}
          </Button>
        )}
      </div>
    </form>
  );
}

interface RegistryFieldsProps {
  readonly form: Form<RegistryValues>;
  readonly hasPassword: boolean;
}

function RegistryFields({ form: { field }, hasPassword }: RegistryFieldsProps) {
  const { t } = useTranslation('settings');
  return (
    <>
      <TextField label={t('registry.endpoint')} hint={t('registry.endpointHint')} {...field('endpoint')} />
      <TextField label={t('registry.username')} hint={t('registry.usernameHint')} {...field('username')} />
      <SecretField label={t('registry.password')} isStored={hasPassword} isRemovable {...field('password')} />
      <TextField label={t('registry.pushRepoPrefix')} hint={t('registry.prefixHint')} {...field('pushRepoPrefix')} />
      <TextField label={t('registry.pushRepo')} hint={t('registry.repoHint')} {...field('pushRepo')} />
      <CheckField label={t('registry.plainHttp')} hint={t('registry.plainHttpHint')} {...field('plainHttp')} />
      <CheckField label={t('registry.insecure')} hint={t('registry.insecureHint')} {...field('insecureSkipVerify')} />
    </>
  );
}

/** What is in force. */
function useStanding({ source, exampleImage, updatedAt, updatedBy }: Registry) {
  const { t } = useTranslation('settings');
  return [
    [t('registry.inForce'), t(`registry.placeOf.${source === 'stored' ? 'registry' : source}`)],
    [t('registry.example'), exampleImage !== null && <code>{exampleImage}</code>],
    [
      t('changed'),
      updatedAt !== null && (
        <>
          <RelativeTime at={updatedAt} withExact /> · {updatedBy}
        </>
      ),
    ],
  ] as const;
}
