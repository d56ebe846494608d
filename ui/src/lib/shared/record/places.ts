// Where a record is looked at.

/** The page of a record; kinds without one of their own have the general one. */
export function recordHref(kind: string, id: string): string {
	return kind === 'client' ? `/clients/${id}` : `/record/${kind}/${id}`;
}
