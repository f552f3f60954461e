import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Annotation, Compartment, EditorState, type Extension, type Text } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  MatchDecorator,
  placeholder,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import type { PackageNames } from '../../data/package-lookup.ts';
import { useTell } from '../../i18n/told.ts';
import type { ShownProblem } from '../../ui/problem-alert.tsx';
import type { PackageKind } from './draft.ts';
import { nameCompletion, type WrittenName } from './name-completion.ts';
import { versionCompletion } from './version-completion.ts';

/** What others may do with an editor. */
export interface LineEditorHandle {
  /** Puts the cursor at the end of a line, counted from 1. */
  goToLine(line: number): void;
}

/** What is offered while one writes. */
export interface PackageCompletions {
  readonly kind: PackageKind;
  /** Packages whose names begin as written, the best first; all lines are given, too. */
  readonly namesOf: (name: WrittenName, text: string) => Promise<PackageNames>;
  /** The versions of a package, the newest first. */
  readonly versionsOf: (name: string) => Promise<readonly string[]>;
}

export interface LineEditorProps {
  readonly id: string;
  readonly label: string;
  readonly describedBy: string | undefined;
  readonly isInvalid: boolean;
  readonly example: string;
  readonly value: string;
  /** Each is marked at its line. */
  readonly problems: readonly ShownProblem[];
  readonly completions: PackageCompletions;
  readonly onChange: (text: string) => void;
  /** Gives true where it takes a pasted text over; it goes in as it is otherwise. */
  readonly onPaste: (text: string) => boolean;
  readonly ref?: Ref<LineEditorHandle>;
}

/** An editor of lines: numbers, comments in grey, problems at their lines. Tab leads on, as anywhere in a form. */
export function LineEditor(props: LineEditorProps) {
  const { value, problems, ref } = props;
  const frame = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const editor = new EditorView({
      parent: frame.current!,
      state: EditorState.create({ doc: latest.current.value, extensions: extensionsOf(latest) }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);

  const attributes = attributesOf(props);
  useEffect(() => {
    view.current?.dispatch({ effects: spokenAttributes.reconfigure(EditorView.contentAttributes.of(attributes)) });
  }, [JSON.stringify(attributes)]);

  useEffect(() => {
    const editor = view.current!;
    const [now, next] = [editor.state.doc.toString(), value.replaceAll(/\r\n?/g, '\n')];
    if (now !== next) editor.dispatch({ changes: changeBetween(now, next), annotations: fromOutside.of(true) });
  }, [value]);

  const tell = useTell();
  const told = problems.map(({ line, message, hint }) => ({
    line,
    message: [message, hint].flatMap((said) => (said === undefined ? [] : [tell(said).text])).join('\n'),
  }));
  useEffect(() => {
    const editor = view.current!;
    editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(told, editor.state.doc)));
  }, [JSON.stringify(told)]);

  useImperativeHandle(ref, () => ({
    goToLine(line) {
      const editor = view.current!;
      const { to } = editor.state.doc.line(Math.min(line, editor.state.doc.lines));
      editor.dispatch({ selection: { anchor: to }, scrollIntoView: true });
      editor.focus();
    },
  }));
  return <div ref={frame} className="line-editor" />;
}

const fromOutside = Annotation.define<boolean>();
const spokenAttributes = new Compartment();

/** The part that differs: cursor and marks elsewhere stay where they are. */
function changeBetween(now: string, next: string) {
  const shorter = Math.min(now.length, next.length);
  let from = 0;
  while (from < shorter && now[from] === next[from]) from += 1;
  let tail = 0;
  while (tail < shorter - from && now.at(-1 - tail) === next.at(-1 - tail)) tail += 1;
  return { from, to: now.length - tail, insert: next.slice(from, next.length - tail) };
}

function attributesOf({ id, label, describedBy, isInvalid }: LineEditorProps): Record<string, string> {
  return {
    id,
    'aria-label': label,
    'aria-invalid': String(isInvalid),
    ...(describedBy !== undefined && { 'aria-describedby': describedBy }),
    autocapitalize: 'off',
    autocorrect: 'off',
    spellcheck: 'false',
  };
}

function extensionsOf(latest: { readonly current: LineEditorProps }): Extension {
  const { example, completions } = latest.current;
  return [
    lineNumbers(),
    lintGutter(),
    history(),
    highlightActiveLine(),
    EditorView.lineWrapping,
    placeholder(example),
    comments,
    look,
    EditorState.languageData.of(() => [{ commentTokens: { line: '#' } }]),
    autocompletion({
      override: [
        versionCompletion((name) => latest.current.completions.versionsOf(name)),
        nameCompletion(completions.kind, (...asked) => latest.current.completions.namesOf(...asked)),
      ],
      // Enter begins a line, unless one has gone to an entry; so none is taken by a key that came too early.
      selectOnOpen: false,
      interactionDelay: 0,
      icons: false,
    }),
    keymap.of([...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
    spokenAttributes.of(EditorView.contentAttributes.of(attributesOf(latest.current))),
    EditorView.updateListener.of((update) => {
      const isOurs = update.transactions.some((transaction) => transaction.annotation(fromOutside));
      if (update.docChanged && !isOurs) latest.current.onChange(update.state.doc.toString());
    }),
    EditorView.domEventHandlers({
      paste(event) {
        const text = event.clipboardData?.getData('text/plain') ?? '';
        if (!latest.current.onPaste(text)) return false;
        event.preventDefault();
        return true;
      },
      // Files go to what stands around.
      drop: (event) => (event.dataTransfer?.files.length ?? 0) > 0,
    }),
  ];
}

function diagnosticsOf(problems: readonly Pick<ShownProblem, 'line' | 'message'>[], doc: Text): Diagnostic[] {
  return problems.flatMap(({ line, message }) => {
    if (line === undefined || line > doc.lines) return [];
    const { from, to } = doc.line(line);
    return [{ from, to, severity: 'error' as const, message }];
  });
}

const commentMatcher = new MatchDecorator({
  regexp: /(?<=^|\s)#.*/g,
  decoration: Decoration.mark({ class: 'line-editor-comment' }),
});

const comments = ViewPlugin.fromClass(
  class {
    decorations;
    constructor(view: EditorView) {
      this.decorations = commentMatcher.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = commentMatcher.updateDeco(update, this.decorations);
    }
  },
  { decorations: ({ decorations }) => decorations },
);

/** In the colours of styles.css. */
const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface)', borderRadius: '5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '13px', lineHeight: '1.6' },
  '.cm-content, .cm-gutter': { minHeight: '200px' },
  '.cm-content': { paddingBlock: '6px', caretColor: 'var(--text)' },
  '.cm-gutters': {
    color: 'var(--muted)',
    backgroundColor: 'var(--surface-raised)',
    borderColor: 'var(--border)',
    borderRadius: '5px 0 0 5px',
  },
  '.cm-gutter-lint': { width: '1.2em' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--accent-soft)' },
  '.cm-placeholder': { color: 'var(--muted)', fontStyle: 'italic', whiteSpace: 'pre' },
  '.line-editor-comment': { color: 'var(--muted)' },
  '.cm-tooltip': { color: 'var(--text)', backgroundColor: 'var(--surface-raised)', borderColor: 'var(--border)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    gap: '1em',
    maxWidth: 'min(80ch, 90vw)',
    paddingBlock: '2px',
  },
  '.cm-completionDetail': {
    flex: '1',
    margin: '0',
    overflow: 'hidden',
    color: 'var(--muted)',
    fontStyle: 'normal',
    textOverflow: 'ellipsis',
  },
  'li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { color: '#fff', backgroundColor: 'var(--accent)' },
  '.cm-diagnostic': { maxWidth: '60ch', whiteSpace: 'pre-wrap' },
});
