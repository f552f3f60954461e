import { useEffect, useState } from 'react';

let latestOpener: Element | null = null;

/** For a dialog that is drawn only while it is open: who closes it goes on where it was opened, also when one dialog has led to the next. */
export function useReturnFocus(): void {
  const [opener] = useState(() => {
    const active = document.activeElement;
    if (!active?.closest('[role="dialog"]')) latestOpener = active;
    return latestOpener;
  });
  useEffect(
    () => () => {
      // Once the dialog is gone; whoever has taken the focus by then keeps it.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
      });
    },
    [opener],
  );
}
