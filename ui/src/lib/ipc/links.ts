// Addresses of the app's own scheme, handed over by the system: `satchel://call/+380441112233`.
import { invoke, isTauri } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

/** Calls `onlink` with each address, also with those from before the window was there. Answers how to stop. */
export function listenToLinks(onlink: (link: string) => void): () => void {
	if (!isTauri()) return () => undefined;
	const take = () => void invoke<string[]>('links').then((links) => links.forEach(onlink));
	const stop = listen('link', take);
	void stop.then(take);
	return () => void stop.then((off) => off());
}
