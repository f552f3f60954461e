import { CopyButton } from './copy-button.tsx';

interface ReferenceTextProps {
  /** `registry.example.com/team/research:1a2b3c4d@sha256:…` */
  readonly text: string;
  /** What it is, for the copy button: `image URL`. */
  readonly thing: string;
}

/** A reference, digest or command in one line that can be copied whole; its middle gives way where there is no room. */
export function ReferenceText({ text, thing }: ReferenceTextProps) {
  const digest = text.indexOf('@sha256:');
  const [head, tail] = digest < 0 ? [text, ''] : [text.slice(0, digest), text.slice(digest)];
  return (
    <span className="reference">
      <code title={text}>
        {head}
        {tail !== '' && <span className="muted">{`${tail.slice(0, 15)}…`}</span>}
      </code>
      <CopyButton text={text} thing={thing} />
    </span>
  );
}
