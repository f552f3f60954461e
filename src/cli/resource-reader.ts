/** A part of the file, with the lines of what is in it. */
export interface Place {
  readonly value: unknown;
  lineOf(path: readonly Key[]): number;
}

/** Of a mapping or a list. */
export type Key = string | number;

/** What is thrown for a resource of which no image can be made. */
export class Refusal extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Reads the fields of one resource. A path may lead nowhere; an empty text counts as absent, as in PrimeHub. */
export interface Reader {
  has(path: readonly Key[]): boolean;
  text(path: readonly Key[]): string | undefined;
  texts(path: readonly Key[]): readonly string[];
  /** Throws a refusal for anything but a mapping. */
  mapping(path: readonly Key[]): void;
  lineOf(path: readonly Key[]): number;
  note(path: readonly Key[], message: string): void;
  /** Tells that a field is not taken over. */
  skip(path: readonly Key[], why: string): void;
  /** Tells of each field that is not known. */
  others(path: readonly Key[], known: readonly string[], why: (field: string) => string): void;
  refusal(path: readonly Key[], message: string): Refusal;
}

/** Reads what stands at a place; `note` hears of all that is not taken over. */
export function createReader(place: Place, note: (line: number, message: string) => void): Reader {
  const valueAt = (path: readonly Key[]): unknown =>
    path.reduce<unknown>(
      (value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      place.value,
    );
  const reader: Reader = {
    lineOf: place.lineOf,
    refusal: (path, message) => new Refusal(place.lineOf(path), message),
    note: (path, message) => note(place.lineOf(path), message),
    skip: (path, why) => note(place.lineOf(path), `${path.join('.')} is not taken over: ${why}`),
    has(path) {
      const value = valueAt(path);
      return value !== undefined && value !== null;
    },
    text(path) {
      const value = valueAt(path);
      if (value === undefined || value === null || value === '') return undefined;
      if (typeof value === 'string') return value;
      throw reader.refusal(path, `Its ${path.join('.')} is not a text; put it in quotes`);
    },
    texts(path) {
      const value = valueAt(path);
      if (value === undefined || value === null) return [];
      if (!Array.isArray(value)) throw reader.refusal(path, `Its ${path.join('.')} is not a list`);
      const wrong = value.findIndex((each) => typeof each !== 'string' || each.trim() === '');
      if (wrong < 0) return value.map((each) => each.trim());
      throw reader.refusal([...path, wrong], `An entry of ${path.join('.')} is not a text, or an empty one`);
    },
    mapping(path) {
      if (!isRecord(valueAt(path))) throw reader.refusal(path, `Its ${path.join('.')} is not a mapping`);
    },
    others(path, known, why) {
      const value = valueAt(path);
      if (!isRecord(value)) return;
      for (const field of Object.keys(value).filter((each) => !known.includes(each))) {
        reader.skip([...path, field], why(field));
      }
    },
  };
  return reader;
}

/** True for a mapping. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
