// What addresses of the app's own scheme open.

/** The page of `satchel://call/<number>`; `null` for what the product does not know. */
export function placeOf(link: string): string | null {
	const found = /^satchel:\/{0,2}call\/([^/?#]{1,200})\/?$/i.exec(link.trim());
	if (!found) return null;
	let number: string;
	try {
		number = decodeURIComponent(found[1]!);
	} catch {
		return null;
	}
	return /\d/.test(number) ? `/call/${encodeURIComponent(number)}` : null;
}
