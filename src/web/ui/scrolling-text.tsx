/** Text as it is, of which one sees a part; it can be scrolled by keyboard. */
export function ScrollingText({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="scrolling-text" tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  );
}
