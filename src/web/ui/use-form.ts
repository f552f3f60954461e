import { type RefObject, useRef, useState } from 'react';
import { isBuilderError } from '../../errors.ts';
import { useFocusOnWrong } from './focus-on-wrong.ts';
import type { ShownProblem } from './problem-alert.tsx';

/** What one control of a form shows, and what it does. */
export interface FieldState<T> {
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly isRequired: boolean;
  /** Something must stand here and does not; told once somebody has tried to send the form. */
  readonly isMissing: boolean;
  /** What the server finds wrong with it. */
  readonly problems: readonly ShownProblem[];
}

/** A form: what is entered, and what became of sending it. */
export interface Form<V> {
  readonly values: V;
  readonly set: (changed: Partial<V>) => void;
  /** Begins anew from these, as if nothing had been entered. */
  readonly reset: (initial: V) => void;
  readonly isChanged: boolean;
  /** Draws a field; `path` is where the server finds it, `options.suite`, unless it is called the same there. */
  readonly field: <K extends keyof V & string>(name: K, path?: string) => FieldState<V[K]>;
  /** The problem stands at a field that has been drawn. */
  readonly isPlaced: (problem: ShownProblem) => boolean;
  /** Does what the form is for, unless something is missing. True when it was done; else `error` says why it was not. */
  readonly attempt: (action: () => Promise<unknown>) => Promise<boolean>;
  readonly isBusy: boolean;
  readonly error: unknown;
  /** For the `form` element: focus moves to what is wrong in it. */
  readonly element: RefObject<HTMLFormElement | null>;
}

interface FormOptions<V> {
  readonly initial: V;
  /** Fields that the form is not sent without; which may depend on what is entered. */
  readonly required?: readonly (keyof V & string)[] | ((values: V) => readonly (keyof V & string)[]);
}

/** Keeps what is entered into a form of a few fields. */
export function useForm<V extends object>({ initial, required = [] }: FormOptions<V>): Form<V> {
  const element = useRef<HTMLFormElement>(null);
  const [start, setStart] = useState(initial);
  const [values, setValues] = useState(initial);
  const [error, setError] = useState<unknown>();
  const [refusals, setRefusals] = useState(0);
  const [isBusy, setBusy] = useState(false);
  useFocusOnWrong(element, refusals);
  const needed = typeof required === 'function' ? required(values) : required;
  const missing = needed.filter((name) => isEmpty(values[name]));
  const problems = isBuilderError(error) ? error.problems : [];
  const drawn = new Set<string>();
  const set = (changed: Partial<V>) => {
    setValues((before) => ({ ...before, ...changed }));
    setError(undefined);
  };
  return {
    ...{ values, set, error, isBusy, element },
    isChanged: JSON.stringify(values) !== JSON.stringify(start),
    reset(next) {
      setStart(next);
      setValues(next);
      setError(undefined);
      setRefusals(0);
    },
    field(name, path = name) {
      drawn.add(path);
      return {
        value: values[name],
        onChange: (value) => set({ [name]: value } as unknown as Partial<V>),
        isRequired: needed.includes(name),
        isMissing: refusals > 0 && missing.includes(name),
        problems: problems.filter((problem) => isAt(path, problem)),
      };
    },
    isPlaced: (problem) => [...drawn].some((path) => isAt(path, problem)),
    async attempt(action) {
      setError(undefined);
      if (missing.length === 0) {
        setBusy(true);
        try {
          await action();
          return true;
        } catch (failure) {
          setError(failure);
        } finally {
          setBusy(false);
        }
      }
      setRefusals((before) => before + 1);
      return false;
    },
  };
}

/** Also where the problem is of a part of the field: `options.components.0`. */
function isAt(path: string, { field }: ShownProblem): boolean {
  return field === path || field.startsWith(`${path}.`);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}
