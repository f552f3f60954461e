import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

/** Numbers, sizes and times as the language of the page writes them. */
export interface Format {
  number(value: number): string;
  /** `75.9 MB` */
  bytes(value: number): string;
  /** `3.4 s`, `2 min 5 s` */
  duration(seconds: number): string;
  /** `25 Nov 2026, 10:12:05` */
  dateTime(at: string | Date): string;
  /** `3 minutes ago` */
  relative(at: string | Date, now: Date): string;
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const steps = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
  ['year', Number.POSITIVE_INFINITY],
] as const;

export function createFormat(language: string): Format {
  const plain = new Intl.NumberFormat(language);
  const exact = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const unitFormat = (unit: string, digits: number) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  const whole = { second: unitFormat('second', 0), minute: unitFormat('minute', 0), hour: unitFormat('hour', 0) };
  const tenths = unitFormat('second', 1);
  return {
    number: (value) => plain.format(value),
    bytes(value) {
      const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
      const scaled = value / 1000 ** power;
      return unitFormat(units[power]!, power === 0 || scaled >= 100 ? 0 : 1).format(scaled);
    },
    duration(seconds) {
      if (seconds < 60) return tenths.format(seconds);
      const rounded = Math.round(seconds);
      const [hours, minutes, rest] = [Math.floor(rounded / 3600), Math.floor((rounded % 3600) / 60), rounded % 60];
      return hours > 0
        ? joined(whole.hour.format(hours), minutes > 0 && whole.minute.format(minutes))
        : joined(whole.minute.format(minutes), rest > 0 && whole.second.format(rest));
    },
    dateTime: (at) => exact.format(new Date(at)),
    relative(at, now) {
      let value = (new Date(at).getTime() - now.getTime()) / 1000;
      // Clocks of server and browser differ a little; nothing that we show lies ahead by so much.
      if (value > 0 && value < 5) value = 0;
      for (const [unit, size] of steps) {
        if (Math.abs(value) < size) return relative.format(Math.trunc(value), unit);
        value /= size;
      }
      return exact.format(new Date(at));
    },
  };
}

function joined(large: string, small: string | false): string {
  return small === false ? large : `${large} ${small}`;
}

export function useFormat(): Format {
  const { i18n } = useTranslation();
  return useMemo(() => createFormat(i18n.language), [i18n.language]);
}
