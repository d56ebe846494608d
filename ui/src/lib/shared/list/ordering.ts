/** A list with one thing taken to another place. */
export function moved<One>(list: One[], from: number, to: number): One[] {
	const next = [...list];
	const [one] = next.splice(from, 1);
	if (one !== undefined) next.splice(Math.max(0, Math.min(next.length, to)), 0, one);
	return next;
}
