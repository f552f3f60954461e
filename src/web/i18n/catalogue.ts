/** Texts of one feature by key; a key that ends in `_one` or `_other` is a plural form, chosen by `count`. */
export interface Catalogue {
  readonly [key: string]: string | Catalogue;
}

/** What a translation of an English catalogue must hold: the same keys, without the singular, which Chinese does not have. */
export type TranslationOf<T> = {
  readonly [K in keyof T as K extends `${string}_one` ? never : K]: T[K] extends string ? string : TranslationOf<T[K]>;
};
