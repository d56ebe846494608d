// The time, looked at again every half minute while somebody shows it.
import { createSubscriber } from 'svelte/reactivity';

const EVERY = 30_000;

const subscribe = createSubscriber((update) => {
	const timer = setInterval(update, EVERY);
	return () => clearInterval(timer);
});

/** The time now; whoever shows it is shown it again. */
export function ticking(): Date {
	subscribe();
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- handed out and never changed
	return new Date();
}
