// Addresses for the system's own programs.

/** What one dials: digits and a leading plus; an extension waits after a pause. */
export function telAddress(typed: string): string {
	const [number = '', extension = ''] = typed.split(/(?:ext\.?|доб\.?|дод\.?|[#,;])/i);
	const digits = number.replace(/[^\d+]/g, '').replace(/(?!^)\+/g, '');
	const more = extension.replace(/\D/g, '');
	return `tel:${digits}${more ? `,${more}` : ''}`;
}

/** A letter to an address. */
export function mailAddress(typed: string): string {
	return `mailto:${typed.trim()}`;
}

/** A page; people leave the scheme out. */
export function webAddress(typed: string): string {
	const text = typed.trim();
	return /^https?:\/\//i.test(text) ? text : `https://${text}`;
}
