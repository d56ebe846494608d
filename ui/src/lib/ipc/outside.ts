// Things handed to the system: a number to dial, a letter to write, a page to open.
import { isTauri } from '@tauri-apps/api/core';

const allowed = ['tel:', 'mailto:', 'https:', 'http:'];

/** Opens an address outside of the app; nothing happens for schemes the product does not use. */
export function openOutside(address: string): void {
	let url: URL;
	try {
		url = new URL(address);
	} catch {
		return;
	}
	if (!allowed.includes(url.protocol)) return;
	if (url.protocol === 'tel:' || url.protocol === 'mailto:' || isTauri()) {
		window.location.href = url.href;
		return;
	}
	window.open(url.href, '_blank', 'noopener,noreferrer');
}
