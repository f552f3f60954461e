import { type RefObject, useEffect } from 'react';

/** Leads to the first control that something is wrong with, each time a form is refused; to what is said of the whole when there is none. */
export function useFocusOnWrong(form: RefObject<HTMLFormElement | null>, refusals: number): void {
  useEffect(() => {
    // Once the tab that holds it has come to the front.
    if (refusals > 0) requestAnimationFrame(() => focusOnWrong(form.current));
  }, [form, refusals]);
}

function focusOnWrong(form: HTMLFormElement | null): void {
  const wrong = form?.querySelectorAll<HTMLElement>('[aria-invalid="true"]') ?? [];
  const shown = [...wrong].find((control) => control.checkVisibility());
  if (shown !== undefined) shown.focus();
  else form?.querySelector('[role="alert"]')?.scrollIntoView({ block: 'center' });
}
