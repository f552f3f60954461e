/** A text of the user, cut to what a message can show: at most 120 characters, control characters as spaces. */
export function shortened(text: string): string {
  const start = text
    .slice(0, 400)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return text.length <= 120 && start.length <= 120 ? start : `${[...start].slice(0, 119).join('')}…`;
}
