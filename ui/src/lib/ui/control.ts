/** How a text field, area or select looks. */
export const control =
	'w-full min-h-control rounded-control border border-edge bg-bg px-3 py-1 text-body text-ink transition-colors ' +
	'hover:border-ink-3 focus-visible:outline-offset-0 aria-invalid:border-overdue disabled:opacity-60';
