import { useTranslation } from 'react-i18next';
import { type Group, useEditGroup } from '../../data/groups.ts';
import type { Limits } from '../../data/limits.ts';
import { notify } from '../../data/notices.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { useForm } from '../../ui/use-form.ts';

interface LimitsDialogProps {
  readonly group: Group;
  /** What applies where the group has none of its own. */
  readonly platform: Limits;
  readonly onClose: () => void;
}

/** Sets what the builds of a group may use; what is left empty is as the platform allows. */
export function LimitsDialog({ group: { name, limits }, platform, onClose }: LimitsDialogProps) {
  const { t } = useTranslation('settings');
  const { mutateAsync } = useEditGroup();
  const form = useForm({
    initial: {
      maxRunningJobs: limits.maxRunningJobs ?? null,
      timeoutMinutes: limits.timeoutMinutes ?? null,
      memoryMiB: limits.memoryMiB ?? null,
      diskMiB: limits.diskMiB ?? null,
    },
  });
  const { field, values } = form;
  const save = async () => {
    const set = Object.entries(values).filter(([, value]) => value !== null);
    await mutateAsync({ params: { name }, body: { limits: Object.fromEntries(set) } });
    notify({ kind: 'success', text: t('saved', { name }) });
    onClose();
  };
  return (
    <FormDialog title={t('limits.edit', { name })} confirmText={t('save')} {...{ form, onClose }} onSubmit={save}>
      <p className="muted">{t('limits.emptyText')}</p>
      <NumberField
        label={t('limits.atOnce')}
        max={1000}
        placeholder={String(platform.maxRunningJobsPerGroup)}
        {...field('maxRunningJobs', 'limits.maxRunningJobs')}
      />
      <NumberField
        label={t('limits.timeoutMinutes')}
        max={100_000}
        placeholder={String(platform.timeoutMinutes)}
        {...field('timeoutMinutes', 'limits.timeoutMinutes')}
      />
      <NumberField
        label={t('limits.memoryMiB')}
        max={100_000_000}
        placeholder={String(platform.memoryMiB)}
        {...field('memoryMiB', 'limits.memoryMiB')}
      />
      <NumberField
        label={t('limits.diskMiB')}
        max={100_000_000}
        placeholder={String(platform.diskMiB)}
        {...field('diskMiB', 'limits.diskMiB')}
      />
    </FormDialog>
  );
}
