/** Who asks, as the rights see them. */
export interface Actor {
  /** Name of the user: `alice`. */
  readonly name: string;
  readonly isAdmin: boolean;
  /** By group name. */
  readonly groups: Readonly<Record<string, 'admin' | 'member'>>;
  /** Of an API token: what it may be used for; absent for a person's session, which may do all that the person may. */
  readonly scopes?: readonly ('read' | 'write' | 'admin')[];
}
