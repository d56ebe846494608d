// What changed on this device, as the host tells it.
import { isTauri } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Topic } from './bindings';

/**
 * Calls `onchange` with what changed, and with `null` where anything may have changed because the connection to
 * the host was lost for a while. Answers a function that stops listening.
 */
export function listenToChanges(onchange: (topics: Topic[] | null) => void): () => void {
	if (isTauri()) {
		const stop = listen<Topic[]>('changed', (event) => onchange(event.payload));
		return () => void stop.then((off) => off());
	}
	const source = new EventSource('/events', { withCredentials: true });
	let wasLost = false;
	source.onopen = () => {
		if (wasLost) onchange(null);
		wasLost = false;
	};
	source.onerror = () => (wasLost = true);
	source.onmessage = (event: MessageEvent<string>) => onchange(JSON.parse(event.data) as Topic[]);
	return () => source.close();
}
