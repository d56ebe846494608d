/** Arrow keys move between the links of a list; use as `onkeydown` of the element around them. */
export function moveFocus(event: KeyboardEvent): void {
	if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
	if ((event.target as HTMLElement).closest('input, textarea, select, [role="menu"]')) return;
	const links = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('a[href]')];
	const line = (event.target as HTMLElement).closest<HTMLElement>('li, div.group');
	const here = links.findIndex((link) => link === event.target || line?.contains(link));
	const next = links[here + (event.key === 'ArrowDown' ? 1 : -1)];
	if (!next) return;
	event.preventDefault();
	next.focus();
	next.closest('li, div.group')?.scrollIntoView({ block: 'nearest' });
}
